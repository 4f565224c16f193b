/**
 * The contexts of the kubeconfig files, read again when a file changes. A file that cannot be read now keeps the contexts that it
 * had: a half-written or broken file takes nothing away.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { parseKubeConfig } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import type { KubeconfigSource } from '../settings.js';
import type { FoundContext } from './context-names.js';

export interface ContextWatcherOptions {
  sources: readonly KubeconfigSource[];
  onChange: () => void;
  logger: Logger;
  everyMs?: number;
}

/** Files are polled: editors and tools replace them in ways that watches of the system miss. */
const EVERY_MS = 1_000;

interface KnownFile {
  text: string | undefined;
  /** Undefined until it could be read once. */
  contexts: string[] | undefined;
  error: string | undefined;
}

export class ContextWatcher {
  private readonly files: { source: KubeconfigSource; known: KnownFile }[];

  constructor(private readonly options: ContextWatcherOptions) {
    this.files = options.sources.map((source) => ({
      source,
      known: { text: undefined, contexts: undefined, error: undefined },
    }));
  }

  /** Contexts in the order of the files. */
  get contexts(): FoundContext[] {
    return this.files.flatMap(({ source, known }) =>
      (known.contexts ?? [])
        .filter((context) => source.contexts?.includes(context) ?? true)
        .map((context) => ({ path: source.path, context })),
    );
  }

  /** Files that could be read at least once: only of these can a context be said to be gone. */
  get readPaths(): string[] {
    return this.files.filter(({ known }) => known.contexts !== undefined).map(({ source }) => source.path);
  }

  /** What is wrong with files now, by path. */
  get errors(): Record<string, string> {
    return Object.fromEntries(
      this.files.flatMap(({ source, known }) => (known.error === undefined ? [] : [[source.path, known.error]])),
    );
  }

  /** Reads every file once. */
  async read(): Promise<void> {
    const changes = await Promise.all(this.files.map(({ source, known }) => this.readOne(source.path, known)));
    if (changes.some((changed) => changed)) this.options.onChange();
  }

  /** Reads on until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await delay(this.options.everyMs ?? EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.read();
    }
  }

  private async readOne(path: string, known: KnownFile): Promise<boolean> {
    const { logger } = this.options;
    try {
      const text = await readFile(path, 'utf8');
      if (text === known.text) return false;
      known.text = text;
      known.contexts = (await parseKubeConfig(text, path)).contextNames;
      if (known.error !== undefined) logger.info({ path }, 'the kubeconfig can be read again');
      known.error = undefined;
      return true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== undefined) known.text = undefined;
      const said = code === undefined ? message : `kubeconfig ${path} cannot be read: ${message}`;
      if (said !== known.error) logger.warn({ path, detail: said }, 'a kubeconfig is not used as it is now');
      known.error = said;
      return false;
    }
  }
}
