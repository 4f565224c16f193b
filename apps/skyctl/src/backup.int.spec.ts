/** `skyctl backup` with a real gateway and a real nats-server: taken while they run, into a directory and into S3; restored. */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { FakeS3 } from './testing/fake-s3.js';
import { ADMIN_TOKEN, type RealGateway, startGatewayOn } from './testing/real-gateway.js';
import { Skyctl } from './testing/run-skyctl.js';

const AWS = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-north-1' };

describe('skyctl backup', () => {
  let nats: NatsFixture;
  let gateway: RealGateway | undefined;
  let server = '';
  let skyctl: Skyctl;
  let s3: FakeS3;
  let place = '';

  const run = (...args: string[]) =>
    skyctl.run(args, { env: { SKYFLOW_SERVER: server, SKYFLOW_NATS_URL: nats.url, ...AWS } });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const startGateway = async (): Promise<void> => {
    gateway = await startGatewayOn(nats.url);
    server = gateway.url;
  };
  const stopGateway = async (): Promise<void> => {
    await gateway?.stop();
    gateway = undefined;
  };
  const createJob = (name: string) => ok('create', 'job', name, '--run', 'sleep 300', '--cpus', '1');
  const jobs = async (): Promise<string[]> => (await ok('get', 'jobs', '-o', 'name')).trim().split('\n').sort();

  beforeAll(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    s3 = await FakeS3.start('backups', AWS.AWS_ACCESS_KEY_ID);
    skyctl = await Skyctl.build({ SKYFLOW_TOKEN: ADMIN_TOKEN });
    place = join(skyctl.home, 'backups');
    await startGateway();
  }, 120_000);
  afterAll(async () => {
    await stopGateway();
    await nats.stop();
    await s3.close();
    await skyctl.remove();
  });

  it('takes one while everything runs, then only what came since; lists and verifies them', async () => {
    await createJob('one');
    const first = await run('backup', 'create', place);
    expect(first.stdout).toMatch(
      /^backup \d{12}-\d{8}T\d{6}Z: (\d+) commits added, \1 in all \(1 to \1\), \S+ \w+, in /,
    );
    expect(first.stderr).toMatch(/made .*backup\.key: without it no backup can be read/);
    expect(statSync(join(skyctl.home, 'backup.key')).mode & 0o777).toBe(0o600);
    await createJob('two');
    expect(await ok('backup', 'create', place)).toMatch(/: 1 commits added/);
    expect(await ok('backup', 'create', place)).toMatch(/^nothing new since backup /);
    expect((await ok('backup', 'list', place)).trimEnd().split('\n')).toHaveLength(3);
    expect(await ok('backup', 'verify', place)).toMatch(
      / is whole: \d+ commits \(1 to \d+, until .*every piece, sequence/,
    );
  }, 60_000);

  it('keeps them in S3, over a store that is busy and connections that break', async () => {
    const at = ['s3://backups/sky/flow', '--endpoint', s3.url];
    s3.badDays.push('slow-down', 'cut', 'slow-down');
    expect(await ok('backup', 'create', ...at)).toMatch(/in s3:\/\/backups\/sky\/flow$/m);
    await createJob('three');
    s3.badDays.push('cut');
    await ok('backup', 'create', ...at);
    await createJob('four');
    await ok('backup', 'create', ...at);
    expect((await ok('backup', 'list', ...at)).trimEnd().split('\n')).toHaveLength(4);
    expect(await ok('backup', 'verify', ...at)).toMatch(/is whole/);
    expect([...s3.objects.keys()].every((key) => key.startsWith('sky/flow/'))).toBe(true);
    const refused = await run('backup', 'list', 's3://elsewhere/x', '--endpoint', s3.url);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/s3:\/\/elsewhere\/x: NoSuchBucket/)]);
  }, 60_000);

  it('says what is wrong', async () => {
    const key = join(skyctl.home, 'other.key');
    writeFileSync(key, 'a'.repeat(40));
    for (const [args, code, message] of [
      [['create'], 2, /say where the backups are|missing.*place/i],
      [['create', 'ftp://x/y'], 2, /ftp:\/\/x\/y: is no place for backups/],
      [['list', join(skyctl.home, 'nothing')], 3, /holds no backups of SkyFlow/],
      [['list', place, '--key-file', key], 5, /made with another key file/],
      [['verify', place, '--backup', '7'], 3, /has no backup 7: there are \d{12}-/],
      [['restore', place, '--at', 'noon'], 2, /--at noon: is neither a sequence nor a time/],
      [['restore', place, '--at', '2020-01-01T00:00:00Z'], 2, /is before what backup .* holds \(commits 1 to /],
      [['restore', place], 2, /nothing was changed.*hint: say --yes/s],
      [['restore', place, '--yes'], 4, /holds a log of \d+ commits: it is left as it is.*--replace/s],
      [['restore', place, '--yes', '--nats', 'nats://127.0.0.1:1'], 6, /does not let skyctl in/],
    ] as [string[], number, RegExp][]) {
      const outcome = await run('backup', ...args);
      expect([args, outcome.code, outcome.stderr]).toEqual([args, code, expect.stringMatching(message)]);
    }
  }, 60_000);

  it('restores up to a point, and all goes on from there', async () => {
    const before = await jobs();
    expect(before).toHaveLength(4);
    const [, second] = JSON.parse(await ok('backup', 'list', place, '-o', 'json')) as { last: number }[];
    await stopGateway();
    const restored = await ok('backup', 'restore', place, '--at', String(second!.last - 1), '--replace', '--yes');
    expect(restored).toMatch(
      /^restored \d+ commits; the log goes on at \d{5}\. What runs on the clusters was not touched/,
    );
    await startGateway();
    expect(await jobs()).toEqual(['job.skyflow.io/one']);
    await createJob('five');
    expect(await ok('backup', 'create', place)).toMatch(/commits added/);
    await ok('backup', 'verify', place);
    expect(await jobs()).toEqual(['job.skyflow.io/five', 'job.skyflow.io/one']);
  }, 60_000);

  it('names the piece that is damaged, and restores nothing of it', async () => {
    const folder = join(place, 'segments');
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
      writeFileSync(join(folder, name), bytes);
    }
    const before = await jobs();
    for (const args of [
      ['verify', place],
      ['restore', place, '--replace', '--yes'],
    ]) {
      const { code, stderr } = await run('backup', ...args);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/segments\/\S+ is damaged: its SHA-256 is/)]);
    }
    expect(await jobs()).toEqual(before);
  }, 60_000);
});
