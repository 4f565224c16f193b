import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { writeFileDurably } from './write-file.js';

const folder = mkdtempSync(join(tmpdir(), 'skyflow-write-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('writes one file for several at once, as the machines of a cluster need its key, and leaves nothing beside it', async () => {
  const path = join(folder, 'key');
  const texts = Array.from({ length: 20 }, (_, at) => `${String(at)} `.repeat(10_000));
  await Promise.all(texts.map((text) => writeFileDurably(path, text)));
  expect(texts).toContain(readFileSync(path, 'utf8'));
  expect(readdirSync(folder)).toEqual(['key']);
});
