/** Every documented exit code is what a real command ends with, against a real gateway. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN_TOKEN, startRealGateway, type RealGateway } from './testing/real-gateway.js';
import { Skyctl, type RunOptions } from './testing/run-skyctl.js';

const REFERENCE = join(import.meta.dirname, '../../../docs/skyctl.md');
const DOCUMENT = '{apiVersion: v1, kind: ConfigMap, metadata: {name: there}}';
const INVALID = '{apiVersion: v1, kind: ConfigMap, metadata: {name: Not_A_Name}}';

/** By the code as the reference has it: commands that end so. */
const COMMANDS: Readonly<Record<string, readonly (readonly [args: readonly string[], options?: RunOptions])[]>> = {
  0: [[['get', 'jobs']], [['delete', 'job', 'nothing', '--ignore-not-found']], [['--help']]],
  1: [
    [['create', '-f', '-'], { input: `${DOCUMENT}\n---\n${INVALID}` }],
    [['auth', 'can-i', 'get', 'jobs', '--as', 'nobody-known']],
  ],
  2: [
    [['get']],
    [['get', 'jobs', '--outptu', 'json']],
    [['apply', '-f', '/nowhere/at-all.yaml']],
    [['apply', '-f', '-'], { input: 'a: [' }],
    [['get', 'jobs', '--context', 'nowhere'], { env: { SKYFLOW_SERVER: '', SKYFLOW_TOKEN: '' } }],
  ],
  3: [[['get', 'job', 'nothing']], [['get', 'gizmos']], [['get', '--raw', '/apis/no']]],
  4: [[['create', 'namespace', 'default']], [['create', '-f', '-'], { input: DOCUMENT }]],
  5: [
    [['create', 'namespace', 'Not_A_Name']],
    [['get', 'jobs', '--token', 'wrong']],
    [['get', 'jobs', '--as', 'nobody-known']],
  ],
  6: [[['get', 'jobs', '--server', 'http://127.0.0.1:1']]],
  7: [[['wait', '--for', 'condition=Nothing', 'configmap/there', '--timeout', '1s']]],
  '130, 143': [
    [['get', 'configmaps', '-w'], { until: /there/ }],
    [['get', 'configmaps', '-w'], { until: /there/, signal: 'SIGTERM' }],
  ],
  'any other': [[['own']]],
};

describe('exit codes', () => {
  let gateway: RealGateway;
  let skyctl: Skyctl;
  let path: string;

  beforeAll(async () => {
    gateway = await startRealGateway();
    skyctl = await Skyctl.build({ SKYFLOW_SERVER: gateway.url, SKYFLOW_TOKEN: ADMIN_TOKEN });
    const plugins = join(skyctl.home, 'plugins');
    mkdirSync(plugins);
    writeFileSync(join(plugins, 'skyctl-own'), '#!/bin/sh\nexit 42\n');
    chmodSync(join(plugins, 'skyctl-own'), 0o700);
    path = `${plugins}:${process.env.PATH ?? ''}`;
    expect((await skyctl.run(['create', '-f', '-'], { input: DOCUMENT })).code).toBe(0);
  }, 120_000);

  afterAll(async () => {
    await gateway.stop();
    await skyctl.remove();
  });

  it('have a command here for each that the reference names', () => {
    const [, table = ''] = /## Exit codes\n([^]*?)\n## /.exec(readFileSync(REFERENCE, 'utf8')) ?? [];
    const documented = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, code]) => code).slice(2);
    expect(documented.sort()).toEqual(Object.keys(COMMANDS).sort());
  });

  const rows = Object.entries(COMMANDS).flatMap(([code, commands]) =>
    commands.map(([args, options = {}]) => [args.join(' '), code, args, options] as const),
  );

  it.each(rows)('%s: %s', async (_line, documented, args, options) => {
    const { code, stdout, stderr } = await skyctl.run(args, { ...options, env: { PATH: path, ...options.env } });
    const expected =
      documented === '130, 143'
        ? options.signal === 'SIGTERM'
          ? 143
          : 130
        : documented === 'any other'
          ? 42
          : documented;
    expect([String(code), stderr]).toEqual([String(expected), stderr]);
    // Whoever is told no is told why, on stderr alone.
    if (code > 1 && code < 8) expect([stdout, stderr]).toEqual(['', expect.stringMatching(/\S/)]);
  });
});
