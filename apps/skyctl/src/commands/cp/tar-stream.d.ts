/** As much of tar-stream 3 as is used; it comes without types. */
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream';

  export interface Headers {
    name: string;
    type?: 'file' | 'directory' | 'symlink' | 'link' | (string & {}) | undefined;
    size?: number;
    mode?: number;
    mtime?: Date;
    linkname?: string;
  }

  export interface Pack extends Readable {
    entry(headers: Headers, done?: (error?: Error | null) => void): Writable;
    /** A file that is there as a whole. */
    entry(headers: Headers, body: string): void;
    finalize(): void;
  }

  export interface Extract extends Writable, AsyncIterable<Readable & { header: Headers }> {}

  export function pack(): Pack;
  export function extract(): Extract;
}
