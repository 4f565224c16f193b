/**
 * An upgrade between images: those of the previous release and of now in one installation with --profile ha, which goes
 * service by service while it is written at, and is taken back half-way.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@skyflow/nats-server';
import { eventually } from '../e2e/fixture/skyflow.js';
import { Compose } from './fixture/compose.js';
import { MembersOnBridge } from './fixture/members-on-bridge.js';
import { PREVIOUS_IMAGE, buildPreviousRelease } from './fixture/previous-release.js';
import { Writer } from './fixture/writer.js';

const OUR_BALANCER = fileURLToPath(new URL('../../deploy/compose/haproxy.cfg', import.meta.url));
const TOKEN = "require('node:fs').readFileSync('/var/lib/skyflow/secrets/token', 'utf8')";
/** The level rises soon; a minute is for machines that are slow. The balancer of the previous release wants more files than most engines give. */
const OVERRIDE = `services:
  api-gateway: { environment: { SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS: '10' } }
  api-gateway-2: { environment: { SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS: '10' } }
  balancer: { volumes: ['${OUR_BALANCER}:/etc/haproxy/haproxy.cfg:ro'] }
`;
const EXPORT = '{ apiVersion: multicluster.x-k8s.io/v1beta1, kind: ServiceExport, metadata: { name: nobody-has-it } }';
const withRelease = await needing('previous release');

withRelease.describe('an upgrade from the image of the previous release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-previous-'));
  const members = new MembersOnBridge(folder);
  const over = new AbortController();
  let now: Compose;
  let then: Compose;
  let writer: Writer;
  let writing: Promise<void> | undefined;

  /** Replaces services by those of an image, as docs/operate.md says. */
  const roll = async (to: Compose, ...services: string[]): Promise<void> => {
    await unreadable();
    const { code, stderr } = await to.replace(...services);
    if (code !== 0) throw new Error(`${stderr}\n${(await to.run(['logs', '--tail', '20', ...services])).stdout}`);
  };
  /** What somebody could not read or went down of: nothing. */
  const unreadable = async (): Promise<void> => {
    const { stdout } = await now.run(['logs', '--no-log-prefix']);
    const said = stdout.split('\n').filter((line) => /unreadable|damaged|unknown entry|"level":"fatal"/i.test(line));
    expect(said).toEqual([]);
  };
  const version = async (): Promise<string> => (await now.skyctl(['version'])).stdout;
  /** Both gateways take a job, and show that of the other one run. */
  const bothServe = async (when: string): Promise<void> => {
    const [first, second] = [`${when}-first`, `${when}-second`];
    const create = (name: string): string[] => ['create', 'job', name, '--run', 'sleep 300', '--cpus', '0.01'];
    expect(await now.skyctl(create(first))).toMatchObject({ code: 0 });
    expect(await now.skyctl(create(second), undefined, 'api-gateway-2')).toMatchObject({ code: 0 });
    const seen = async (): Promise<unknown> => ({
      [second]: (await now.skyctl(['get', 'job', second, '--no-headers'])).stdout,
      [first]: (await now.skyctl(['get', 'job', first, '--no-headers'], undefined, 'api-gateway-2')).stdout,
    });
    const runs = expect.stringContaining('RUNNING') as unknown;
    await eventually(`jobs of ${when} run`, async () =>
      expect(await seen()).toEqual({ [first]: runs, [second]: runs }),
    );
  };

  beforeAll(async () => {
    const sources = join(folder, 'sources');
    await buildPreviousRelease(sources);
    const [kubeconfig, override] = [join(folder, 'config'), join(folder, 'override.yaml')];
    writeFileSync(kubeconfig, await members.start());
    writeFileSync(override, OVERRIDE);
    const [port, balancer] = [await freePort(), await freePort()];
    now = new Compose({
      COMPOSE_FILE: `docker-compose.yml:${override}`,
      COMPOSE_PROFILES: 'ha',
      SKYFLOW_PORT: String(port),
      SKYFLOW_BALANCER_PORT: String(balancer),
      KUBECONFIG_FILE: kubeconfig,
    });
    then = now.of(sources, PREVIOUS_IMAGE);
    const { code, stderr } = await then.up('ha');
    if (code !== 0) throw new Error(`${stderr}\n${(await then.run(['logs', '--tail', '20'])).stdout}`);
    const { stdout: token } = await then.run(['exec', '-T', 'api-gateway', 'node', '-p', TOKEN]);
    writer = new Writer(`http://127.0.0.1:${balancer}`, token.trim());
    await eventually('its clusters are READY', async () =>
      expect((await then.skyctl(['get', 'clusters', '--no-headers'])).stdout.match(/READY/g)).toHaveLength(2),
    );
    await bothServe('before');
    writing = writer.run(over.signal);
  }, 900_000);

  afterAll(async () => {
    over.abort();
    await writing;
    await now.down();
    await members.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('begins with the keeper and one gateway: both versions serve and write, and what is new is off', async () => {
    await roll(now, 'nats-keeper');
    await roll(now, 'api-gateway');
    await bothServe('mixed');
    const said = await version();
    expect(said).toMatch(/Features: level 1 is in force, the gateway reads level 2/);
    expect(said).toMatch(/^ +scheduler \(0\.1\.0\) reads level 1: replace it/m);
    const refused = await now.skyctl(['apply', '-f', '-'], EXPORT);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/feature MultiClusterServices .* is off until all of SkyFlow reads level 2; in force is 1/),
    ]);
  }, 120_000);

  it('can be taken back, and gone on with', async () => {
    await roll(then, 'api-gateway');
    await bothServe('back');
    await roll(now, 'api-gateway', 'scheduler');
    await bothServe('again');
  }, 120_000);

  it('ends with the agents: then what is new is on', async () => {
    await roll(
      now,
      'api-gateway-2',
      'scheduler-2',
      'mesh-controller',
      'mesh-controller-2',
      'provisioner',
      'provisioner-2',
    );
    expect(await version()).toMatch(/^ +agent of one reads level 1: replace it/m);
    await bothServe('services');
    await roll(now, 'agent-supervisor');
    await eventually('all is on', async () => expect(await version()).toMatch(/Features: level 2, all are on/), 60_000);
    await bothServe('after');
    expect(await now.skyctl(['apply', '-f', '-'], EXPORT)).toMatchObject({ code: 0 });
    await unreadable();
  }, 180_000);

  it('has lost nothing that was acknowledged', async () => {
    over.abort();
    await writing;
    expect(writer.acknowledged.length).toBeGreaterThan(50);
    expect(await writer.lost()).toEqual([]);
    expect((await now.skyctl(['replay', 'verify'])).stdout).toMatch(/all are the same/);
    process.stdout.write(
      `${writer.acknowledged.length} writes; longest time without one ${(writer.longestGapMs / 1_000).toFixed(1)} s\n`,
    );
  }, 60_000);
});
