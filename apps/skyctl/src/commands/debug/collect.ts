/** The parts of a bundle: each is had by itself, and says why where it cannot be. */
import { open, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { Session } from '../../session.js';
import { withoutSecrets, type Scrubber } from './scrub.js';

export interface Part {
  path: string;
  text: string;
}

export interface Collected {
  parts: Part[];
  /** What could not be had, and why. */
  missing: string[];
}

/** Objects of a kind, commits of the log, events: the newest. */
const MOST_OBJECTS = 500;
const MOST_COMMITS = 200;
/** Of the end of each log. */
const LOG_BYTES = 1024 * 1024;
const PAGE_MS = 5_000;

const KINDS = [
  ['clusters', '/apis/skyflow.io/v1/clusters'],
  ['nodes', '/api/v1/nodes'],
  ['namespaces', '/api/v1/namespaces'],
  ['jobs', '/apis/skyflow.io/v1/jobs'],
  ['deployments', '/apis/skyflow.io/v1/deployments'],
  ['services', '/apis/skyflow.io/v1/services'],
  ['queues', '/apis/skyflow.io/v1/queues'],
  ['placementpolicies', '/apis/skyflow.io/v1/placementpolicies'],
  ['priorityclasses', '/apis/scheduling.k8s.io/v1/priorityclasses'],
  ['links', '/apis/skyflow.io/v1/links'],
  ['events', '/api/v1/events'],
] as const;

export class Collector {
  readonly collected: Collected = { parts: [], missing: [] };

  constructor(
    private readonly session: Session,
    private readonly scrubber: Scrubber,
  ) {}

  /** What is known without a server. */
  async ofThisMachine(home: string): Promise<void> {
    const { env, version } = this.session;
    await this.json('versions/skyctl.json', () =>
      Promise.resolve({ version, node: process.versions.node, platform: process.platform, arch: process.arch }),
    );
    await this.text('configuration/environment.txt', () =>
      Promise.resolve(
        Object.entries(env)
          .filter(([name]) => /^(SKYFLOW|SKYCTL|OTEL|KUBECONFIG|NO_PROXY|HTTPS?_PROXY)/i.test(name))
          .map(([name, value = '']) => `${name}=${/TOKEN|KEY|SECRET|PASSW|HEADERS/i.test(name) ? '…' : value}\n`)
          .sort()
          .join(''),
      ),
    );
    await this.text('configuration/config.yaml', () => readFile(join(home, 'config.yaml'), 'utf8'));
    const ports = await readFile(join(home, 'ports.json'), 'utf8').catch(() => undefined);
    if (ports === undefined) {
      this.collected.missing.push(`logs and metrics of the services: none run from ${home} (SKYFLOW_HOME)`);
      return;
    }
    await this.text('configuration/ports.json', () => Promise.resolve(ports));
    await this.pagesOf(JSON.parse(ports) as Record<string, number>);
    for (const folder of ['run', 'agents']) await this.logsBelow(join(home, folder), home);
  }

  async ofServer(gateway: GatewayClient): Promise<void> {
    const get = (path: string, query: Record<string, number> = {}): Promise<unknown> =>
      gateway.json<unknown>({ path, query }).then(({ body }) => body);
    await this.json('versions/server.json', () => get('/version'));
    await this.json('health/status.json', () => get('/status'));
    await this.text('health/readyz.txt', () => streamed(gateway, '/readyz?verbose'));
    await this.text('metrics/gateway-asked.txt', () => streamed(gateway, '/metrics'));
    for (const [name, path] of KINDS) {
      await this.json(`objects/${name}.json`, () => get(path, { limit: MOST_OBJECTS }));
    }
    await this.queueWaits(get);
    await this.text('log/last-commits.ndjson', () => this.lastCommits(gateway));
  }

  private async queueWaits(get: (path: string) => Promise<unknown>): Promise<void> {
    const queues = (await get('/apis/skyflow.io/v1/queues').catch(() => ({}))) as {
      items?: { metadata: { name: string } }[];
    };
    for (const { metadata } of (queues.items ?? []).slice(0, 50)) {
      const path = `/apis/skyflow.io/v1/queues/${encodeURIComponent(metadata.name)}/waits`;
      await this.json(`queues/${metadata.name}.json`, () => get(path));
    }
  }

  private async lastCommits(gateway: GatewayClient): Promise<string> {
    const { body } = await gateway.json<{ foldedSeq?: number }>({ path: '/status' });
    const from = Math.max(1, (body.foldedSeq ?? 0) - MOST_COMMITS + 1);
    const lines = (await streamed(gateway, '/log', { from })).split('\n').filter((line) => line !== '');
    return lines.map((line) => `${JSON.stringify(commitWithoutSecrets(JSON.parse(line)))}\n`).join('');
  }

  /** Health and metrics of services that run on this machine, by their own pages. */
  private async pagesOf(ports: Readonly<Record<string, number>>): Promise<void> {
    for (const name of ['gatewayHealth', 'scheduler', 'mesh', 'provisioner', 'supervisor']) {
      const port = ports[name];
      if (port === undefined) continue;
      const page = (path: string) => async (): Promise<string> => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(PAGE_MS) });
        return await answer.text();
      };
      await this.text(`health/${name}.json`, page('/readyz'));
      await this.text(`metrics/${name}.txt`, page('/metrics'));
    }
  }

  private async logsBelow(folder: string, home: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith('.log')) continue;
      const path = join(entry.parentPath, entry.name);
      await this.text(`logs/${relative(home, path).replaceAll('/', '-')}`, () => endOf(path, LOG_BYTES));
    }
  }

  private async json(path: string, read: () => Promise<unknown>): Promise<void> {
    await this.part(path, async () => this.scrubber.json(await read()));
  }

  private async text(path: string, read: () => Promise<string>): Promise<void> {
    await this.part(path, async () => this.scrubber.text(await read()));
  }

  private async part(path: string, read: () => Promise<string>): Promise<void> {
    try {
      this.collected.parts.push({ path, text: await read() });
    } catch (error) {
      this.collected.missing.push(this.scrubber.text(`${path}: ${(error as Error).message}`));
    }
  }
}

/** Of a line of the log; what an entry has as its data is not all secret, as that of a Secret is. */
function commitWithoutSecrets(line: unknown): unknown {
  const { commit, ...place } = line as { commit?: { entries?: { data?: unknown }[] } };
  const entries = commit?.entries?.map(({ data, ...entry }) => ({ ...entry, data: withoutSecrets(data) }));
  return { ...place, commit: { ...commit, entries } };
}

async function streamed(gateway: GatewayClient, path: string, query: Record<string, number> = {}): Promise<string> {
  const [plain = path, more] = path.split('?', 2);
  const stream = await gateway.stream({
    path: plain,
    query: { ...(more === undefined ? {} : { [more]: '' }), ...query },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function endOf(path: string, bytes: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    // Half a line may hold half a secret, which nothing knows again.
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
