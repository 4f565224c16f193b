/** `skyctl backup archive|purge` with a real gateway: what is answered before and after the new beginning of the log, and by a gateway that starts there. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { JetStreamEventLog, type Retention } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { ADMIN_TOKEN, type RealGateway, startGatewayOn } from './testing/real-gateway.js';
import { Skyctl } from './testing/run-skyctl.js';

describe('skyctl backup purge', () => {
  let nats: NatsFixture;
  let gateway: RealGateway | undefined;
  let server = '';
  let skyctl: Skyctl;
  let place = '';

  const run = (...args: string[]) => skyctl.run(args, { env: { SKYFLOW_SERVER: server, SKYFLOW_NATS_URL: nats.url } });
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
  const get = async (path: string): Promise<{ status: number; body: { message?: string; items?: unknown[] } }> => {
    const response = await fetch(server + path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    return { status: response.status, body: (await response.json()) as object };
  };
  const names = async (): Promise<string[]> => (await ok('get', 'deployments', '-o', 'name')).trim().split('\n').sort();
  const head = async (): Promise<number> => ((await get('/status')).body as { logHead: number }).logHead;
  const web = '/apis/skyflow.io/v1/namespaces/default/deployments/web';

  /** What gateways are told of who looks after old history. */
  const retention = async (): Promise<Retention | undefined> => {
    const connection = await connect({ servers: nats.url });
    const log = await JetStreamEventLog.open({ connection, create: false });
    const { retention: noted } = await log.age();
    await log.close();
    await connection.close();
    return noted;
  };

  let beginning = 0;

  beforeAll(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    skyctl = await Skyctl.build({ SKYFLOW_TOKEN: ADMIN_TOKEN });
    place = join(skyctl.home, 'archive');
    await startGateway();
    await ok('create', 'deployment', 'web', '--image', 'web:1', '--cpus', '1');
    await ok('create', 'deployment', 'gone', '--image', 'web:1', '--cpus', '1');
    await ok('delete', 'deployment', 'gone', '--force');
    await ok('scale', 'deployment', 'web', '--replicas', '3');
    beginning = await head();
    await ok('create', 'deployment', 'later', '--image', 'web:2', '--cpus', '1');
  }, 120_000);
  afterAll(async () => {
    await stopGateway();
    await nats.stop();
    await skyctl.remove();
  });

  it('says what is wrong, what would go, and changes nothing without --yes', async () => {
    const before = await head();
    for (const [args, code, message] of [
      [[place], 2, /say how much history stays.*--keep 90d, or --before/s],
      [[place, '--keep', '90d', '--before', '7'], 2, /say how much history stays/],
      [[place, '--keep', 'long'], 2, /--keep long: is not a duration/],
      [[place, '--keep', '90d', '--every', '24h'], 2, /--every 24h: needs --keep and --yes/],
      [[place, '--before', '7', '--every', '24h', '--yes'], 2, /--every 24h: needs --keep and --yes/],
      [[place, '--keep', '90d', '--every', '8d', '--yes'], 2, /--every 8d: must be from 1s to 7d/],
      [[place, '--before', 'noon'], 2, /--before noon: is neither a sequence nor a time/],
      [[place, '--before', '1000000'], 2, /is beyond the end of the log/],
      [[place, '--before', String(beginning)], 2, /nothing was changed.*say --yes/s],
      [[place, '--before', '7', '--nats', 'nats://127.0.0.1:1'], 6, /does not let skyctl in/],
    ] as [string[], number, RegExp][]) {
      const outcome = await run('backup', 'purge', ...args);
      expect([args, outcome.code, outcome.stderr]).toEqual([args, code, expect.stringMatching(message)]);
    }
    expect(await ok('backup', 'purge', place, '--before', String(beginning), '--dry-run')).toMatch(
      new RegExp(`^would archive commits 1 to ${beginning} in .*, verify them there, and take them out of the log`),
    );
    expect(await ok('backup', 'purge', place, '--keep', '90d', '--yes')).toMatch(/^nothing to purge: the log begins/);
    expect(await ok('backup', 'archive', place, '--before', String(beginning))).toMatch(
      new RegExp(`^archived: commits 1 to ${beginning} \\(until .*read again and verified`),
    );
    expect([await head(), (await get('/log?from=1&to=1')).status]).toEqual([before, 200]);
  }, 120_000);

  it('takes it out; what can be answered is, by a gateway that starts there too, and the rest names the archive', async () => {
    const before = await names();
    const templates = await ok('rollout', 'history', 'deployment/web');
    expect(await ok('backup', 'purge', place, '--before', String(beginning), '--yes')).toMatch(
      new RegExp(
        `^purged: the log begins at commit ${beginning} \\(.*\\); \\d+ commits are gone from it, \\d+ are left`,
      ),
    );
    const archived = new RegExp(
      `the log has been purged up to ${beginning - 1} and holds what came since .*is in the archive ${place}`,
    );
    for (const isFresh of [false, true]) {
      if (isFresh) {
        await stopGateway();
        await startGateway();
      }
      expect(await names()).toEqual(before);
      expect(await ok('rollout', 'history', 'deployment/web')).toBe(templates);
      const then = await get(`/apis/skyflow.io/v1/deployments?at=${beginning}`);
      expect([then.status, then.body.items?.length]).toEqual([200, 1]);
      for (const path of [
        `/apis/skyflow.io/v1/deployments?at=${beginning - 1}`,
        '/apis/skyflow.io/v1/deployments?at=2020-01-01T00:00:00Z',
        `${web}/explain?at=${beginning - 1}`,
        `${web}/history?at=${beginning - 1}`,
        '/apis/skyflow.io/v1/namespaces/default/deployments/gone/history',
        `/log?from=${beginning - 1}`,
      ]) {
        const { status, body } = await get(path);
        expect([path, status, body.message]).toEqual([path, 410, expect.stringMatching(archived)]);
      }
      const history = await run('history', 'deployment', 'web');
      expect([history.code, history.stderr]).toEqual([
        0,
        expect.stringMatching(/has been purged from the log; it is in/),
      ]);
      expect((await run('history', 'deployment', 'later')).stderr).toBe('');
    }
    // Who has been away for as long lists again.
    const watched = await get(
      '/apis/skyflow.io/v1/deployments?watch=true&timeoutSeconds=5&allowWatchBookmarks=true&resourceVersion=10000',
    );
    expect(JSON.stringify(watched)).toMatch(/too old resource version/);
  }, 180_000);

  it('goes on: changes, backups, another purge; replay from the archive; a new place is told to be a copy', async () => {
    await ok('scale', 'deployment', 'web', '--replicas', '5');
    expect(await ok('backup', 'create', place)).toMatch(/commits added, \d+ in all \(1 to \d+\)/);
    await ok('backup', 'verify', place);
    const fresh = await run('backup', 'create', join(skyctl.home, 'new'));
    expect([fresh.code, fresh.stderr]).toEqual([
      5,
      expect.stringMatching(/cannot be read any more.*copy the archive/s),
    ]);
    const alone = await run('replay', 'verify');
    expect([alone.code, alone.stderr]).toEqual([
      2,
      expect.stringMatching(/the log begins at commit \d+ .*--archive PLACE/s),
    ]);
    expect(await ok('replay', 'verify', '--archive', place)).toMatch(/all are the same/);
    expect(await ok('backup', 'purge', place, '--before', String(await head()), '--yes')).toMatch(/^purged: /);
    const quiet = await run('history', 'deployment', 'later');
    expect([quiet.code, quiet.stderr]).toEqual([0, expect.stringMatching(/has been purged from the log; it is in/)]);
    expect(await ok('backup', 'checkpoint', place)).toMatch(/services of this version can start at commit/);
    const before = await names();
    await stopGateway();
    await startGateway();
    expect(await names()).toEqual(before);
  }, 180_000);

  it('by itself, every so often, over a nats-server that is away: only what is older goes, and /status says up to where', async () => {
    await ok('create', 'deployment', 'old', '--image', 'web:2', '--cpus', '1');
    const older = await head();
    const purging = (url: string, until: { until?: RegExp; untilStderr?: RegExp }) =>
      skyctl.run(['backup', 'purge', place, '--keep', '1s', '--every', '1s', '--yes'], {
        env: { SKYFLOW_SERVER: server, SKYFLOW_NATS_URL: url },
        ...until,
      });
    const away = await purging('nats://127.0.0.1:1', { untilStderr: /(trying again in 1 s[^]*){2}/ });
    expect(away.stderr).toMatch(/does not let skyctl in/);
    expect(await retention()).toBeUndefined();
    const { stdout } = await purging(nats.url, { until: /purged: [^]*nothing to purge: / });
    const noted = await retention();
    expect(noted).toMatchObject({ keepMs: 1_000, everyMs: 1_000 });
    expect(Date.now() - (noted?.ranAt ?? 0)).toBeLessThan(60_000);
    const begins = [...stdout.matchAll(/purged: the log begins at commit (\d+)/g)].at(-1)?.[1];
    expect(Number(begins)).toBeGreaterThanOrEqual(older);
    const { body } = await get('/status');
    expect(body).toMatchObject({ historyBegins: { archive: place, time: expect.stringMatching(/^\d{4}-/) } });
    expect((await get(`/log?from=${older - 1}`)).status).toBe(410);
    // By hand: what went by itself is not expected any more.
    await ok('backup', 'purge', place, '--keep', '90d', '--dry-run');
    expect(await retention()).toBeDefined();
    await ok('backup', 'purge', place, '--keep', '90d', '--yes');
    expect(await retention()).toBeUndefined();
  }, 120_000);

  it('is whole again from the archive', async () => {
    await ok('backup', 'create', place);
    await stopGateway();
    await ok('backup', 'restore', place, '--replace', '--yes');
    await startGateway();
    expect((await get('/apis/skyflow.io/v1/deployments?at=3')).status).toBe(200);
    expect(await names()).toEqual(['later', 'old', 'web'].map((name) => `deployment.skyflow.io/${name}`));
    expect((await run('history', 'deployment', 'web')).stderr).toBe('');
  }, 120_000);
});
