import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pack } from 'tar-stream';
import { localEntry, packed, unpack } from './archive.js';

let here: string;
const notes: string[] = [];

beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'skyctl-archive-'));
  notes.length = 0;
});
afterEach(() => rmSync(here, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(here, ...parts);
const unpackHere = (archive: PassThrough, name: string, local: string): Promise<void> =>
  unpack(archive, { name, local, note: (text) => notes.push(text) });

describe('an archive', () => {
  it('brings files, directories and modes, under the name that is wanted; links from a pod are left out', async () => {
    mkdirSync(at('tree', 'sub'), { recursive: true });
    writeFileSync(at('tree', 'sub', 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(at('tree', 'empty'), '');
    writeFileSync(at('tree', 'big'), Buffer.alloc(2_000_000, 7));
    symlinkSync('big', at('tree', 'link'));
    const archive = new PassThrough();
    packed(await localEntry(at('tree')), 'other').pipe(archive);
    await unpackHere(archive, 'other', at('copy'));
    expect(readFileSync(at('copy', 'big')).equals(Buffer.alloc(2_000_000, 7))).toBe(true);
    expect(statSync(at('copy', 'empty')).size).toBe(0);
    expect(statSync(at('copy', 'sub', 'run.sh')).mode & 0o777).toBe(0o755);
    expect(existsSync(at('copy', 'link'))).toBe(false);
    expect(notes).toEqual(['left out, it is a symlink: other/link']);
  });

  it('goes into a directory that is there', async () => {
    writeFileSync(at('file'), 'x');
    mkdirSync(at('there'));
    const archive = new PassThrough();
    packed(await localEntry(at('file')), 'file').pipe(archive);
    await unpackHere(archive, 'file', at('there'));
    expect(readFileSync(at('there', 'file'), 'utf8')).toBe('x');
  });

  it('writes nothing outside of the destination, and nothing through a link', async () => {
    mkdirSync(at('in'));
    const evil = pack();
    for (const name of ['../out', '/abs', 'src/../../out', 'src/ok'])
      evil.entry({ name, type: 'file', size: 1 }).end('x');
    evil.finalize();
    const archive = new PassThrough();
    evil.pipe(archive);
    await unpackHere(archive, 'src', at('in'));
    expect([existsSync(at('out')), existsSync(at('in', 'src', 'ok'))]).toEqual([false, true]);
    expect(notes).toHaveLength(3);

    symlinkSync(at('target'), at('link'));
    const file = pack();
    file.entry({ name: 'f', type: 'file', size: 1 }).end('x');
    file.finalize();
    const again = new PassThrough();
    file.pipe(again);
    await expect(unpackHere(again, 'f', at('link'))).rejects.toThrow('nothing is written through links');
    expect(existsSync(at('target'))).toBe(false);
  });

  it('that breaks off, or is empty, is an error', async () => {
    const broken = new PassThrough();
    const unpacking = unpackHere(broken, 'x', at('x'));
    broken.write(Buffer.alloc(100));
    broken.destroy();
    await expect(unpacking).rejects.toThrow();
    const empty = new PassThrough();
    empty.end(Buffer.alloc(1024));
    await expect(unpackHere(empty, 'x', at('y'))).rejects.toThrow('nothing came of x');
  });
});
