/** Needs: found on this machine and missed on one that has nothing, counted, listed, and refused where they must be met. */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { memberClusters } from '../../e2e/fixture/member-clusters.js';
import type { Need } from './need.js';
import { NEEDS, type NeedName } from './needs.js';
import { isStrict, judge, markOf, readAllowed, readLedger, record, skippedOf } from './not-tested.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const needs = Object.entries<Need>(NEEDS);
/** Their finders make them, which takes minutes the first time: the suites that need them do that. */
const MADE_WHEN_ASKED_FOR = ['client-go', 'python client'];
const onLinux = await needing('Linux');
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

describe('a need', () => {
  it.each(needs.filter(([name]) => !MADE_WHEN_ASKED_FOR.includes(name)))(
    '"%s" is here, or says what is missing and the command that brings it',
    async (_name, need) => {
      expect((await need.missing()) ?? 'here').toMatch(/^here$|^[^\n]{5,}[:;(] ?[^\n]{5,}$/);
    },
  );

  it('that is a program is missed where PATH has none, with the package that brings it', () => {
    process.env.PATH = '/nowhere';
    const programs = [
      'network namespaces',
      'haproxy',
      'promtool',
      'fish',
      'zsh',
      'bash',
      'python',
      'nftables',
    ] as const;
    expect(programs.map((name) => NEEDS[name].missing())).toEqual([
      'ip is missing: apt-get install iproute2',
      'haproxy is missing: apt-get install haproxy',
      'promtool is missing: apt-get install prometheus',
      'fish is missing: apt-get install fish',
      'zsh is missing: apt-get install zsh',
      'bash is missing: apt-get install bash',
      'python is missing: apt-get install python-is-python3',
      'nft is missing: apt-get install nftables',
    ]);
    expect(NEEDS.go.missing()).toBe('go is missing: install Go 1.26 (https://go.dev/dl)');
  });

  it('of a package is not met by a program of npm that has the same name', () => {
    process.env.PATH = join(ROOT, 'node_modules/.bin');
    expect(NEEDS.nftables.missing()).toBe('nft is missing: apt-get install nftables');
  });

  it('without a name is a compile error', async () => {
    // @ts-expect-error there is no such need
    const unknown: NeedName = 'a computer';
    await expect(needing(unknown)).rejects.toThrow(TypeError);
  });

  it.each(['embedded', 'testbed', 'k3s'])(
    'of member clusters is met by %s clusters where these say so',
    async (kind) => {
      process.env.SKYFLOW_E2E_ON = kind;
      const clusters = memberClusters();
      const met = (name: NeedName): boolean => NEEDS[name].missing() === undefined;
      expect(met('service addresses')).toBe(clusters.servesAddresses);
      expect(met('control planes to break')).toBe(clusters.signal !== undefined);
      expect(met('clusters apart from SkyFlow')).toBe(clusters.process === undefined);
      expect(met('embedded clusters')).toBe(kind === 'embedded');
      await clusters.remove();
    },
  );

  it('that Debian packages bring is installed by .ci/packages', () => {
    const [, list = ''] = /^packages=\(([^)]*)\)$/m.exec(read('.ci/packages')) ?? [];
    const named = needs.flatMap(([, { packages = [] }]) => packages);
    expect(list.trim().split(/\s+/)).toEqual([...new Set(named)].sort());
  });
});

describe('the names of needs', () => {
  const asking = globSync('{libs,apps,tools,tests}/**/*.{ts,mjs}', {
    cwd: ROOT,
    exclude: (name) => ['node_modules', 'dist', 'needs'].includes(name),
  }).map((path) => [path, read(path)] as const);
  const asked = new Set(
    asking.flatMap(([, text]) =>
      [...text.matchAll(/\bneeding\(([^)]*)\)|\bneed: ('[^']*')/g)].flatMap(([, names, one]) =>
        [...(names ?? one ?? '').matchAll(/'([^']*)'/g)].map(([, name]) => name),
      ),
    ),
  );

  it('are all asked for by a test', () => {
    expect([...asked].sort()).toEqual(Object.keys(NEEDS).sort());
  });

  it('are those on the list of what CI may lack, each with a reason', () => {
    const allowed = readAllowed();
    expect(Object.keys(allowed).filter((name) => !asked.has(name))).toEqual([]);
    for (const reason of Object.values(allowed)) expect(reason.split(' ').length).toBeGreaterThan(4);
    // What a package brings, CI installs.
    const brought = needs.filter(([, { packages }]) => packages !== undefined && packages.length > 0);
    expect(brought.map(([name]) => name).filter((name) => Object.hasOwn(allowed, name))).toEqual([]);
  });

  it('are the only way to skip: no spec chooses between it and it.skip by itself', () => {
    const choosing = asking.filter(([, text]) =>
      /\b(?:describe|it|test)\.(?:skip|todo)\b|\b(?:xit|xdescribe)\(/.test(text),
    );
    expect(choosing.map(([path]) => path)).toEqual([]);
  });
});

describe('tests that need something', () => {
  const WHY = 'it is a test: 100% of it';
  it('are those of Jest where it is here', async () => {
    process.env.PATH = before.PATH;
    expect(await needing('bash')).toEqual({ describe, it, isMet: true });
  });

  it('are counted by the first mark on the way to each, and without one where the file itself skips', () => {
    const mark = markOf('network namespaces', WHY);
    const test = (status: string, title: string, ...ancestorTitles: string[]) => ({ status, title, ancestorTitles });
    const results = [
      {
        testFilePath: '/a.ts',
        testResults: [
          test('passed', 'one', 'group'),
          test('pending', 'two', `group ${mark}`),
          test('pending', `three ${markOf('rke', 'none')}`, `group ${mark}`),
          test('pending', 'four', 'group'),
          test('todo', 'five'),
        ],
      },
    ];
    const given = { level: 'mesh', fileOf: (path: string) => path.slice(1), isFiltered: false };
    const marked = { level: 'mesh', file: 'a.ts', need: 'network namespaces', why: WHY, count: 2 };
    expect(skippedOf(results, given)).toEqual([
      marked,
      expect.objectContaining({ need: 'no need that has a name', count: 2 }),
    ]);
    expect(skippedOf(results, { ...given, isFiltered: true })).toEqual([marked]);
  });
});

describe('the list of what was not tested', () => {
  const entry = (file: string, need: string, why: string, count: number, level = 'int') => ({
    level,
    file,
    need,
    why,
    count,
  });
  const entries = [
    entry('b.ts', 'network namespaces', 'iptables is missing: apt-get install iptables', 6),
    entry('a.ts', 'network namespaces', 'iptables is missing: apt-get install iptables', 7),
    entry('c.ts', 'rke', 'none', 12),
  ];
  const allowed = { rke: 'no registry has it' };

  it('has a line for each need and cause, and refuses nothing where skips are allowed', () => {
    expect(judge(entries, { strict: false, allowed })).toEqual({
      lines: [
        'not tested: 13 of network namespaces (iptables is missing: apt-get install iptables)',
        'not tested: 12 of rke (none)',
      ],
      refused: [],
    });
  });

  it('names the tests that fail the run, and why the others do not', () => {
    expect(judge(entries, { strict: true, allowed })).toEqual({
      lines: [
        'not tested: 13 of network namespaces (iptables is missing: apt-get install iptables): FAILED, for these must be tested here: a.ts, b.ts',
        'not tested: 12 of rke (none); CI may lack it: no registry has it',
      ],
      refused: ['network namespaces'],
    });
  });

  it('is strict in CI whatever is asked for, and else where npm test says so', () => {
    expect(isStrict({ CI: 'true', SKYFLOW_SKIPS: 'allowed' })).toBe(true);
    expect(isStrict({ SKYFLOW_SKIPS: 'refused' })).toBe(true);
    expect(isStrict({})).toBe(false);
  });

  it('of several runs has the last word on each file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'skyflow-ledger-'));
    const ledger = join(folder, 'ledger');
    try {
      expect(readLedger(ledger)).toEqual([]);
      record(ledger, { level: 'int', files: ['a.ts', 'b.ts'], entries: entries.slice(0, 2) });
      record(ledger, { level: 'int', files: ['a.ts'], entries: [] });
      record(ledger, { level: 'e2e', files: ['b.ts'], entries: [entry('b.ts', 'rke', 'none', 1, 'e2e')] });
      expect(readLedger(ledger)).toEqual([entries[0], entry('b.ts', 'rke', 'none', 1, 'e2e')]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

onLinux.describe('the mesh suite on a machine without iptables', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-path-'));
    symlinkSync(process.execPath, join(folder, 'node'));
    // All that the need asks for before iptables, wherever the machine has it.
    writeFileSync(join(folder, 'ip'), '#!/bin/sh\n', { mode: 0o755 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (environment: NodeJS.ProcessEnv): Promise<{ code: number; lines: string[] }> => {
    const { CI: _ci, SKYFLOW_SKIPS: _skips, SKYFLOW_NOT_TESTED: _ledger, ...inherited } = before;
    const env = { ...inherited, PATH: folder, SKYFLOW_TEST_LEVEL: 'mesh', ...environment };
    const args = ['node_modules/jest/bin/jest.js', 'tests/mesh/bytes', '--runInBand'];
    const outcome = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: unknown) => error as { code: number; stderr: string },
    );
    return { code: outcome.code, lines: outcome.stderr.trimEnd().split('\n') };
  };
  const COUNTED = /^not tested: \d+ of network namespaces \(iptables is missing: apt-get install iptables\)/;

  it('fails in CI, and says which tests of which need, and the command', async () => {
    const { code, lines } = await run({ CI: 'true' });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(COUNTED);
    expect(lines.at(-1)).toMatch(/: FAILED, for these must be tested here: tests\/mesh\/bytes\.netns\.spec\.ts$/);
  });

  it('passes elsewhere, and says so in its last line', async () => {
    const { code, lines } = await run({});
    expect(code).toBe(0);
    expect(lines.at(-1)).toMatch(new RegExp(`${COUNTED.source}$`));
  });
});
