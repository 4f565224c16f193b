/** Watches jobs at one gateway; taken up at the last version seen whenever it breaks, begun anew only where the server says that it must. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Seen } from '../check/history.js';
import type { GatewayWay, System } from '../system/system.js';
import { JOBS, ask } from './http.js';

interface WatchedJob {
  metadata: { name: string; uid: string; resourceVersion: string };
  status?: { phase?: string };
}

const RETRY_MS = 200;
const GONE = 410;

export class Watcher {
  readonly seen: Seen[] = [];
  private version: string | undefined;

  constructor(
    private readonly system: System,
    private readonly gateway: GatewayWay,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.version ??= await this.list();
        if (this.version !== undefined) await this.watch(this.version, signal);
      } catch {
        // The connection broke, or nobody was there.
      }
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async list(): Promise<string | undefined> {
    const { code, body } = await ask(this.system, this.gateway, JOBS);
    return code === 200 ? (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion : undefined;
  }

  private async watch(from: string, signal: AbortSignal): Promise<void> {
    const url = `http://127.0.0.1:${this.gateway.proxy.port}${JOBS}?watch=true&allowWatchBookmarks=true&resourceVersion=${from}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${this.system.token}` }, signal });
    if (response.status === GONE) this.version = undefined;
    if (!response.ok || response.body === null) return;
    let text = '';
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      const lines = (text + piece).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.take(line);
    }
  }

  private take(line: string): void {
    const { type, object } = JSON.parse(line) as { type: string; object: WatchedJob };
    if (type === 'ERROR') {
      this.version = undefined;
      return;
    }
    const { name, uid, resourceVersion } = object.metadata;
    this.version = resourceVersion;
    if (type === 'BOOKMARK') return;
    this.seen.push({ uid, name, version: Number(resourceVersion), phase: object.status?.phase ?? '' });
  }
}
