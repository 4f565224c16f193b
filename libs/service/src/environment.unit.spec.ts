import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readFlags, usage } from './settings-flags.js';
import { printSettings } from './print-settings.js';
import { EnvironmentError, readEnvironment, serviceEnvironment } from './environment.js';

describe('readEnvironment', () => {
  it('gives defaults for what is absent or empty', () => {
    expect(readEnvironment(serviceEnvironment, { SKYFLOW_LOG_LEVEL: '' })).toMatchObject({
      SKYFLOW_NATS_URL: 'nats://127.0.0.1:4222',
      SKYFLOW_LOG_LEVEL: 'info',
    });
  });

  it('names every wrong variable with its value and what it is for', () => {
    const read = () => readEnvironment(serviceEnvironment, { SKYFLOW_HEALTH_PORT: '70000', SKYFLOW_LOG_LEVEL: 'loud' });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(/SKYFLOW_HEALTH_PORT is "70000".*65535.*port of \/livez/s);
    expect(read).toThrow(/SKYFLOW_LOG_LEVEL is "loud"/);
  });

  it('reads what is not set from the file that NAME_FILE names', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'skyflow-environment-')), 'token');
    writeFileSync(file, 'from-a-file\n');
    const shape = { MY_TOKEN: z.string().describe('a token') };
    expect(readEnvironment(shape, { MY_TOKEN_FILE: file })).toEqual({ MY_TOKEN: 'from-a-file' });
    expect(readEnvironment(shape, { MY_TOKEN_FILE: file, MY_TOKEN: 'set' })).toEqual({ MY_TOKEN: 'set' });
    const own = { ...shape, MY_TOKEN_FILE: z.string().optional(), MY_TOKEN: z.string().optional() };
    expect(readEnvironment(own, { MY_TOKEN_FILE: file })).toEqual({ MY_TOKEN_FILE: file });
    rmSync(dirname(file), { recursive: true });
    expect(() => readEnvironment(shape, { MY_TOKEN_FILE: file })).toThrow(/MY_TOKEN_FILE is ".*ENOENT.*set MY_TOKEN/);
  });

  it('is printed with where each value comes from, and without secrets', () => {
    const given = {
      SKYFLOW_NATS_URL: 'nats://me:hunter2@nats:4222',
      SKYFLOW_NATS_TOKEN: 'hunter2',
      SKYFLOW_NATS_KEY_FILE: '/k',
    };
    const text = printSettings(serviceEnvironment, readEnvironment(serviceEnvironment, given), given);
    expect(text).not.toContain('hunter2');
    expect(text).toMatch(/^# where nats-server is.*\(environment\)\nSKYFLOW_NATS_URL=nats:\/\/…@nats:4222$/m);
    expect(text).toMatch(/\(environment\)\nSKYFLOW_NATS_TOKEN=…\n/);
    expect(text).toMatch(/\nSKYFLOW_NATS_KEY_FILE=\/k\n/);
    expect(text).toMatch(/\(default\)\nSKYFLOW_LOG_LEVEL=info/);
    expect(text).toMatch(/\(not set\)\n#SKYFLOW_SNAPSHOT_DIR=/);
    expect(text.split('\n').filter((line) => /^#?SKYFLOW_/.test(line))).toHaveLength(
      Object.keys(serviceEnvironment).length,
    );
  });

  it('takes flags over the environment, and files named by flag over values there', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'skyflow-environment-')), 'token');
    writeFileSync(file, 'from-a-file\n');
    const given = { SKYFLOW_NATS_URL: 'nats://a:1', SKYFLOW_NATS_TOKEN: 'from-there', SKYFLOW_LOG_LEVEL: 'warn' };
    const flags = readFlags(
      ['--nats-url', 'nats://b:2', '--print-config', `--nats-token-file=${file}`],
      serviceEnvironment,
    );
    expect(flags.problems).toEqual([]);
    const settings = readEnvironment(serviceEnvironment, given, flags);
    expect(settings).toMatchObject({
      SKYFLOW_NATS_URL: 'nats://b:2',
      SKYFLOW_NATS_TOKEN: 'from-a-file',
      SKYFLOW_LOG_LEVEL: 'warn',
    });
    const text = printSettings(serviceEnvironment, settings, given, flags);
    expect(text).toMatch(/\(flag --nats-url\)\nSKYFLOW_NATS_URL=nats:\/\/b:2/);
    expect(text).toMatch(/\(file .*token\)\nSKYFLOW_NATS_TOKEN=…/);
    expect(text).toMatch(/\(environment\)\nSKYFLOW_LOG_LEVEL=warn/);
    rmSync(dirname(file), { recursive: true });
  });

  it('says all that is wrong with flags, files and variables at once', () => {
    const flags = readFlags(
      ['--nats-urll', 'x', '--log-level', '--health-port=70000', '--nats-token', 'hunter2'],
      serviceEnvironment,
    );
    const read = () =>
      readEnvironment(serviceEnvironment, { SKYFLOW_NATS_REPLICAS: '2', SKYFLOW_NATS_TOKEN_FILE: '/none' }, flags);
    for (const problem of [
      /"--nats-urll" is no flag of this service/,
      /--log-level needs a value/,
      /--nats-token is a secret.*--nats-token-file FILE/,
      /SKYFLOW_NATS_TOKEN_FILE is "\/none"/,
      /SKYFLOW_NATS_REPLICAS is "2": .*--nats-replicas/,
      /--health-port is "70000"/,
    ])
      expect(read).toThrow(problem);
    expect(read).not.toThrow(/hunter2/);
  });

  it('lists every flag with its variable, and none that would show a secret', () => {
    const text = usage('scheduler', serviceEnvironment);
    for (const name of Object.keys(serviceEnvironment)) expect(text).toContain(`(${name})`);
    expect(text).toContain('--nats-token-file FILE (SKYFLOW_NATS_TOKEN)');
    expect(text).not.toContain('--nats-token VALUE');
  });

  it('never shows the value of a secret', () => {
    const read = () => readEnvironment({ MY_TOKEN: z.string().min(100).describe('a token') }, { MY_TOKEN: 'hunter2' });
    expect(read).toThrow(/MY_TOKEN is "…"/);
    expect(read).not.toThrow(/hunter2/);
  });
});
