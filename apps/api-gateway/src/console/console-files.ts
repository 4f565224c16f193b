/** The built console in memory: a few files, each plain and gzipped. What is asked for below /console and is no file is a page of it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { StatusError } from '@skyflow/apimachinery';

export interface ConsoleFile {
  body: Buffer;
  /** Absent: smaller as it is. */
  gzipped?: Buffer;
  type: string;
  etag: string;
  /** Its name changes with its content. */
  immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export class ConsoleFiles {
  private readonly files = new Map<string, ConsoleFile>();

  /** @param folder where they are; looked up when the first file is asked for, so that a gateway without a console works all the same. */
  constructor(private readonly folder: () => string | undefined = builtConsole) {}

  /** @param path below /console/. @throws StatusError 404, 503 when the console was not built */
  find(path: string): ConsoleFile {
    if (this.files.size === 0) this.read();
    const file = this.files.get(path) ?? (extname(path) === '' ? this.files.get('index.html') : undefined);
    if (file !== undefined) return file;
    throw new StatusError(404, 'NotFound', `there is no file /console/${path}; the console begins at /console/`);
  }

  private read(): void {
    const folder = this.folder();
    if (folder === undefined || !existsSync(join(folder, 'index.html'))) {
      const text = 'the console is not built: run "npx nx build @skyflow/console" and try again';
      throw new StatusError(503, 'ServiceUnavailable', text);
    }
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1).replaceAll('\\', '/');
      this.files.set(name, fileOf(readFileSync(path), type, name.startsWith('assets/')));
    }
  }
}

function fileOf(body: Buffer, type: string, immutable: boolean): ConsoleFile {
  const gzipped = gzipSync(body, { level: 9 });
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, ...(gzipped.length < body.length ? { gzipped } : {}), type, etag, immutable };
}

/** Undefined: it is not installed. */
function builtConsole(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@skyflow/console/package.json')), 'dist');
  } catch {
    return undefined;
  }
}
