/** Secrets of every sort are planted in a real SkyFlow and its folder; none of them is in the archive. */
import { createReadStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extract } from 'tar-stream';
import { ADMIN_TOKEN, startRealGateway, type RealGateway } from '../../testing/real-gateway.js';
import { Skyctl } from '../../testing/run-skyctl.js';

const SEALING_KEY = '0f1e2d3c4b5a6978'.repeat(4);
const PLANTED = {
  adminToken: ADMIN_TOKEN,
  sealingKey: SEALING_KEY,
  homeToken: `sky_abcdefgh2345_${'Zx9-'.repeat(10)}Zx9`,
  seed: `SU${'ABCDEFG2'.repeat(7)}`,
  secretValue: 'correct horse battery staple',
  configMapValue: 'value-of-a-config-map',
  environment: 'password-in-the-environment',
  commandLine: 'password-on-a-command-line',
  annotation: 'password-in-an-annotation',
  kubeconfigToken: 'token-in-a-kubeconfig',
  kubeconfigKey: Buffer.from('-----BEGIN PRIVATE KEY-----\nkubeconfig-key\n').toString('base64'),
  contextToken: 'token-of-another-context',
  header: 'collector-header-value',
  inAddress: 'password-in-an-address',
  privateKey: 'MC4CAQAwBQYDK2VwBCIEIJ1aW2b3c4d5e6f7g8h9',
};

/** As it may stand somewhere. */
const forms = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  ...['base64', 'base64url', 'hex'].map((form) =>
    Buffer.from(secret)
      .toString(form as BufferEncoding)
      .replace(/=+$/, ''),
  ),
];

describe('skyctl debug bundle', () => {
  let gateway: RealGateway;
  let skyctl: Skyctl;

  beforeAll(async () => {
    skyctl = await Skyctl.build({});
    writeFileSync(join(skyctl.home, 'sealing.keys'), `${SEALING_KEY}\n`, { mode: 0o600 });
    gateway = await startRealGateway({ SKYFLOW_SEALING_KEYS: join(skyctl.home, 'sealing.keys') });
    plantFiles();
    await plantObjects();
  }, 120_000);

  afterAll(async () => {
    await gateway.stop();
    await skyctl.remove();
  });

  const env = (): Record<string, string> => ({
    SKYFLOW_SERVER: gateway.url,
    SKYFLOW_TOKEN: ADMIN_TOKEN,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${PLANTED.header}`,
  });

  function plantFiles(): void {
    const at = (...path: string[]): string => join(skyctl.home, ...path);
    for (const folder of ['run/logs', 'agents/east', 'nats-keys']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at('ports.json'), '{}');
    writeFileSync(at('token'), `${PLANTED.homeToken}\n`);
    writeFileSync(at('nats-keys/scheduler'), PLANTED.seed);
    writeFileSync(
      at('kubeconfig'),
      `users:\n- user:\n    token: ${PLANTED.kubeconfigToken}\n    client-key-data: ${PLANTED.kubeconfigKey}\n`,
    );
    writeFileSync(
      at('config.yaml'),
      `currentContext: a\ncontexts:\n  - name: a\n    server: ${gateway.url}\n    token: ${PLANTED.contextToken}\n`,
    );
    const lines = [
      ...Object.values(PLANTED).flatMap((secret) =>
        forms(secret).map((form) => JSON.stringify({ msg: `saw ${form}` })),
      ),
      `connecting to nats://admin:${PLANTED.inAddress}@127.0.0.1:4222`,
      `-----BEGIN PRIVATE KEY-----\\n${PLANTED.privateKey}\\n-----END PRIVATE KEY-----`,
      '{"msg":"a line that says what happened"}',
    ].filter((line) => !line.includes('saw ') || isKnown(line));
    for (const log of ['run/logs/scheduler.log', 'agents/east/agent.log']) writeFileSync(at(log), lines.join('\n'));
  }

  /** What no file or object of SkyFlow's has is not known to be secret when it stands in a log without its name. */
  function isKnown(line: string): boolean {
    const { adminToken, sealingKey, homeToken, seed, secretValue, kubeconfigToken, kubeconfigKey, contextToken } =
      PLANTED;
    const known = [adminToken, sealingKey, homeToken, seed, secretValue, kubeconfigToken, kubeconfigKey, contextToken];
    return known.flatMap(forms).some((form) => line.includes(JSON.stringify(form).slice(1, -1)));
  }

  async function plantObjects(): Promise<void> {
    const post = async (path: string, body: object): Promise<void> => {
      const answer = await fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect([path, answer.status, answer.ok ? '' : await answer.text()]).toEqual([path, 201, '']);
    };
    const annotations = { note: PLANTED.annotation };
    await post('/api/v1/namespaces/default/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'planted-secret' },
      stringData: { key: PLANTED.secretValue },
    });
    await post('/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'planted-map' },
      data: { key: PLANTED.configMapValue },
    });
    await post('/apis/skyflow.io/v1/namespaces/default/deployments', {
      apiVersion: 'skyflow.io/v1',
      kind: 'Deployment',
      metadata: { name: 'planted', annotations },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'planted' } },
        template: {
          metadata: { labels: { app: 'planted' }, annotations },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'image-that-is-shown',
                command: ['sh', '-c', `login ${PLANTED.commandLine}`],
                env: [{ name: 'PLANTED', value: PLANTED.environment }],
              },
            ],
          },
        },
      },
    });
  }

  async function bundle(more: Record<string, string> = {}): Promise<Map<string, string>> {
    const file = join(skyctl.home, `report-${Math.random().toString(36).slice(2)}.tar.gz`);
    const { code, stdout, stderr } = await skyctl.run(['debug', 'bundle', '--output', file], {
      env: { ...env(), ...more },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const files = new Map<string, string>([['(printed)', `${stdout}${stderr}`]]);
    const reading = createReadStream(file).pipe(createGunzip()).pipe(extract());
    for await (const entry of reading) files.set(entry.header.name.replace(/^[^/]*\//, ''), await text(entry));
    return files;
  }

  /** @param unknown what this machine cannot know to be a secret when it stands in a log without its name */
  function expectNoSecrets(files: ReadonlyMap<string, string>, unknown: readonly string[] = []): void {
    const found = [...files].flatMap(([file, content]) =>
      Object.entries(PLANTED).flatMap(([what, secret]) =>
        !unknown.includes(what) && forms(secret).some((form) => content.includes(form)) ? [`${what} in ${file}`] : [],
      ),
    );
    expect(found).toEqual([]);
  }

  it('has versions, settings, health, metrics, objects, queues, events, the log and logs, and no secret', async () => {
    const files = await bundle();
    expectNoSecrets(files);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        'README.txt',
        'versions/skyctl.json',
        'versions/server.json',
        'configuration/environment.txt',
        'configuration/config.yaml',
        'health/status.json',
        'health/readyz.txt',
        'metrics/gateway-asked.txt',
        'objects/clusters.json',
        'objects/deployments.json',
        'objects/events.json',
        'log/last-commits.ndjson',
        'logs/run-logs-scheduler.log',
        'logs/agents-east-agent.log',
      ]),
    );
    expect(files.get('objects/deployments.json')).toContain('image-that-is-shown');
    expect(files.get('objects/deployments.json')).toContain('"name": "PLANTED"');
    expect(files.get('log/last-commits.ndjson')).toContain('"planted-secret"');
    expect(files.get('logs/run-logs-scheduler.log')).toContain('a line that says what happened');
    expect(files.get('metrics/gateway-asked.txt')).toContain('skyflow_objects');
    expect(files.get('README.txt')).toContain('objects/deployments.json');
    expect(files.get('(printed)')).toContain('README.txt');
  });

  it('is made, of what this machine knows, when the server is away, and says what is missing', async () => {
    const files = await bundle({ SKYFLOW_SERVER: 'http://127.0.0.1:1' });
    expectNoSecrets(files, ['secretValue']);
    expect(files.get('README.txt')).toContain('everything that the server knows');
    expect(files.get('README.txt')).toContain('values of Secrets');
    expect(files.has('logs/run-logs-scheduler.log')).toBe(true);
    expect(files.has('objects/clusters.json')).toBe(false);
  });

  it('writes over nothing', async () => {
    const file = join(skyctl.home, 'there.tar.gz');
    writeFileSync(file, 'mine');
    const { code, stderr } = await skyctl.run(['debug', 'bundle', '--output', file], { env: env() });
    expect([code, stderr]).toEqual([2, expect.stringContaining('is there already')]);
  });
});
