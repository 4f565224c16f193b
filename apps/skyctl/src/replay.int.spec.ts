/** `skyctl replay` on logs that v0.1 recorded. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Skyctl } from './testing/run-skyctl.js';

const RECORDED = join(import.meta.dirname, '../../../tests/recorded-logs/v0.1/burst.log.gz');

describe('skyctl replay verify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyctl-replay-'));
  const text = gunzipSync(readFileSync(RECORDED)).toString();
  let skyctl: Skyctl;

  beforeAll(async () => {
    skyctl = await Skyctl.build({});
  }, 60_000);
  afterAll(async () => {
    await skyctl.remove();
    rmSync(folder, { recursive: true });
  });

  const verify = (file: string, ...args: string[]) => skyctl.run(['replay', 'verify', '--file', file, ...args]);
  const written = (name: string, content: string | Buffer): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };

  it('says that a log is decided again as it was', async () => {
    const { code, stdout, stderr } = await verify(RECORDED);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^206 commits, \d+ rounds, \d+ decisions by scheduling\/1, decided again by scheduling\/\d in \S+ s\n[^]*all are the same\n$/,
    );
  });

  it('compares what is in the range', async () => {
    const decisionsIn = async (...range: string[]): Promise<number> => {
      const { stdout } = await verify(RECORDED, '-o', 'json', ...range);
      return (JSON.parse(stdout) as { decisions: number }).decisions;
    };
    const [all, first, rest] = [
      await decisionsIn(),
      await decisionsIn('--to', '100'),
      await decisionsIn('--from', '101', '--to', '2099-01-01T00:00:00Z'),
    ];
    expect(first).toBeGreaterThan(0);
    expect(rest).toBeGreaterThan(0);
    expect(first + rest).toBe(all);
  });

  it('names the first decision that differs, with both versions and the basis, and ends with 1', async () => {
    const edited = text.replace(/("name":"job-3",[^]*?"placements":\[\{"cluster":")mluo-\w+/, '$1mluo-elsewhere');
    expect(edited).not.toBe(text);
    const { code, stdout } = await verify(written('edited.log.gz', gzipSync(edited)));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\d+ differ; the first:\n {2}Job default\/job-3, decided at position \d+ \(\S+Z\) from position \d+ by scheduling\/1/,
    );
    expect(stdout).toMatch(/placements\[0\]\.cluster: recorded "mluo-elsewhere", decided again "mluo-\w+"/);
  });

  it('decides with another configuration when it is given one', async () => {
    const policy = (cluster: string) =>
      `apiVersion: skyflow.io/v1\nkind: PlacementPolicy\nmetadata: {name: only}\nspec: {workloadSelector: {}, clusters: [${cluster}]}\n`;
    const other = written('other.yaml', policy('mluo-onprem'));
    const { code, stdout } = await verify(RECORDED, '--with', other);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /decided again by scheduling\/\d with \S+other\.yaml in[^]*placements\[0\]\.cluster: recorded "mluo-cloud", decided again "mluo-onprem"/,
    );
    const work = written('work.yaml', policy('a').replace('PlacementPolicy', 'ConfigMap'));
    const refused = await verify(RECORDED, '--with', work);
    expect(refused.stderr).toMatch(/--with \S+work\.yaml: ConfigMap only is no configuration of a scheduler/);
    expect(refused.code).toBe(2);
  });

  it.each([
    [['--from', 'yesterday'], 2, /--from yesterday: is neither a sequence nor a time/],
    [['job-3'], 2, /takes no arguments|too many arguments|unexpected/i],
  ])('refuses %j', async (args, code, message) => {
    const outcome = await verify(RECORDED, ...args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.code).toBe(code);
  });

  it.each([
    ['no log', 'hello\n', /line 1 cannot be read/],
    ['another document', '{"a":1}\n', /line 1 cannot be read: it is no commit of a log/],
  ])('says what is wrong with a file that is %s', async (_what, content, message) => {
    const { code, stderr } = await verify(written('wrong.log', content));
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  it('says that a file is not there, or is damaged', async () => {
    expect((await verify(join(folder, 'none.log'))).stderr).toMatch(/none\.log cannot be read: ENOENT/);
    expect((await verify(written('short.log.gz', gzipSync(text).subarray(0, 5_000)))).stderr).toMatch(
      /cannot be read: unexpected end/,
    );
  });
});
