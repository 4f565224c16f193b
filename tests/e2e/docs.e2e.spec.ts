/** Every command in README.md and docs/, typed as it is written there, and what it prints compared with what the page says. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { comparable, commandsOf } from './fixture/markdown-commands.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const ROOT = join(import.meta.dirname, '../..');
/** Made of the commands by the build; apps/skyctl/src/reference tests it. */
const GENERATED = 'skyctl.md';
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== GENERATED)
    .map((name) => `docs/${name}`),
];
const pages = PAGES.map((name) => ({ name, ...commandsOf(name, readFileSync(join(ROOT, name), 'utf8')) }));

const skyflow = new Skyflow();
// They name the clusters that `npm run up` makes, whose services answer at their addresses.
const asWritten = await needing('service addresses');

asWritten.describe('the commands of the documentation', () => {
  /** Home of a reader who has nothing of SkyFlow but what he types. */
  const reader = mkdtempSync(join(tmpdir(), 'skyflow-reader-'));

  beforeAll(async () => {
    mkdirSync(join(reader, 'tmp'));
    await skyflow.up();
    // What is typed afterwards is typed by the reader; programs that were downloaded once are not downloaded again.
    const cache = process.env.SKYFLOW_CACHE ?? join(homedir(), '.cache', 'skyflow');
    skyflow.settings = { HOME: reader, SKYFLOW_CACHE: cache };
  }, 120_000);

  afterAll(async () => {
    skyflow.settings = {};
    await skyflow.remove();
    rmSync(reader, { recursive: true, force: true });
  }, 60_000);

  /** Files of the pages are in a folder of the test. */
  const here = (text: string): string =>
    text.replaceAll('/var/backups/', `${reader}/`).replaceAll(/(?<![\w/])\/tmp\//g, `${reader}/tmp/`);

  /** Each page is typed at a SkyFlow that has nothing to do. */
  afterEach(async () => {
    for (const kind of ['jobs', 'deployments', 'services']) {
      const { stdout } = await skyflow.skyctl(['get', kind, '-o', 'name']);
      const names = stdout.split('\n').filter((each) => each !== '');
      if (names.length > 0) await skyflow.skyctl(['delete', ...names]);
    }
  }, 120_000);

  for (const { name, commands } of pages.filter((page) => page.commands.length > 0)) {
    it(
      name,
      async () => {
        for (const { place, text, prints } of commands) {
          // It would take the programs of this machine along.
          expect({ place, text }).not.toMatchObject({ text: expect.stringMatching(/uninstall.*--yes/) });
          const deadline = performance.now() + 60_000;
          await eventually(
            `${place}: ${text}`,
            async () => {
              // A reader waits before he types the next line; what makes something is not typed twice.
              const { code, stdout, stderr } = await skyflow.shell(here(text));
              const said = comparable(stdout + stderr);
              const missing = prints.filter((line) => !said.includes(comparable(line)));
              const outcome = {
                place,
                text,
                code,
                missing,
                said: code === 0 && missing.length === 0 ? '' : stdout + stderr,
              };
              expect(outcome).toEqual({ place, text, code: 0, missing: [], said: '' });
            },
            Math.max(1, deadline - performance.now()),
          );
        }
      },
      240_000,
    );
  }

  it('leaves out few blocks, each with a reason', () => {
    const left = pages.flatMap((page) => page.left);
    expect(left.length).toBeLessThanOrEqual(9);
    for (const { why } of left) expect(why.length).toBeGreaterThan(10);
    expect(pages.flatMap(({ commands }) => commands).length).toBeGreaterThan(50);
  });
});
