/** The reference is as old as the commands: pages of every command, Markdown that is current, man pages that man can show. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../commands/index.js';
import { globalOptions, pagesOf } from './command-page.js';
import { markdownReference } from './markdown.js';

const app = join(import.meta.dirname, '../..');
const reference = join(app, '../../docs/skyctl.md');
const pages = pagesOf(COMMANDS);

describe('the reference', () => {
  it('is current: else build skyctl, and commit docs/skyctl.md', () => {
    expect(readFileSync(reference, 'utf8')).toBe(markdownReference(pages, globalOptions()));
  });

  it('says something about every argument, and has an example of every command', () => {
    const runnable = pages.filter(({ subcommands }) => subcommands.length === 0);
    expect(runnable.filter(({ examples }) => examples.length === 0).map(({ words }) => words.join(' '))).toEqual([]);
    for (const { summary, options } of pages) {
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      for (const { description } of options) expect(description.length).toBeGreaterThan(3);
    }
  });

  describe('as man pages', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'skyctl-man-'));
      execFileSync(process.execPath, [join(app, 'build.mjs'), folder]);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('has one for each command, and none that its formatter complains of', () => {
      const files = readdirSync(join(folder, 'man'));
      expect(files.sort()).toEqual(['skyctl.1', ...pages.map(({ words }) => `skyctl-${words.join('-')}.1`)].sort());
      const probe = spawnSync('groff', ['-v']);
      if (probe.error !== undefined) return;
      for (const file of files) {
        const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', join(folder, 'man', file)], {
          encoding: 'utf8',
        });
        expect({ file, status, stderr }).toEqual({ file, status: 0, stderr: '' });
        expect(stdout).toMatch(/skyctl/);
      }
    }, 120_000);

    it('shows flags as they are typed', () => {
      const text = readFileSync(join(folder, 'man/skyctl-create-job.1'), 'utf8');
      expect(text).toContain('.B "\\-\\-restart\\-policy <policy>"');
      expect(text).toContain('\\-\\-restart_policy');
    });
  });
});
