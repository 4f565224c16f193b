/**
 * Every command of the seed system's CLI with every argument and flag that it has, in both spellings, typed at the real gateway. What
 * needs pods is typed for an object that has none: it is understood, and says so.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN_TOKEN, type RealGateway, startRealGateway } from './testing/real-gateway.js';
import { type Outcome, Skyctl } from './testing/run-skyctl.js';

const USAGE = 2;
/** A line takes a tenth of a second, and some on a machine that is busy. */
const MINUTES_MS = 240_000;

describe('commands of the seed system', () => {
  let gateway: RealGateway;
  let skyctl: Skyctl;

  beforeAll(async () => {
    gateway = await startRealGateway();
    skyctl = await Skyctl.build({ SKYFLOW_SERVER: gateway.url, SKYFLOW_TOKEN: ADMIN_TOKEN });
  }, MINUTES_MS);
  afterAll(async () => {
    await gateway.stop();
    await skyctl.remove();
  });

  /** Words between spaces, or in quotes. */
  const wordsOf = (line: string): string[] =>
    [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const type = (line: string): Promise<Outcome> => skyctl.run(wordsOf(line));
  /** Types lines that must succeed, one after the other. @returns what the last one wrote */
  async function typed(...lines: string[]): Promise<string> {
    let last = '';
    for (const line of lines) {
      const { code, stdout, stderr } = await type(line);
      expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, '']);
      last = stdout + stderr;
    }
    return last;
  }

  it(
    'create cluster, attached and built; get, delete',
    async () => {
      await typed(
        'create cluster --manager k8 one',
        'create cluster two --manager kubernetes --attached -l tier gold --labels zone a -c /tmp/config',
        'create cluster three --config /tmp/config',
        'create cluster four -C /tmp/config',
      );
      const size = '--cpus 4+ --memory 16 --accelerators T4:1 --ports 80 --ports 443 --cloud aws --region eu-west-1';
      const built = await typed(
        `create cluster five --provision ${size} --disk_size 100 --num_nodes 3 --dry-run client -o json`,
        `create cluster five --provision ${size} --disk-size 100 --num-nodes 3 --dry-run client -o json`,
      );
      expect(JSON.parse(built)).toMatchObject({
        spec: {
          provision: { cloud: { provider: 'aws', nodes: 3, cpus: 4, memoryGiB: 16, diskGiB: 100, ports: [80, 443] } },
        },
      });
      const hosts = await typed(
        'create cluster six --provision --host 10.0.0.5 --host 10.0.0.6 --username ubuntu --ssh_key_path /k --dry-run client -o json',
        'create cluster six --provision --hostname 10.0.0.5 -H 10.0.0.6 -u ubuntu -k /k --dry-run client -o json',
      );
      expect(JSON.parse(hosts)).toMatchObject({
        spec: {
          provision: {
            hosts: [
              { address: '10.0.0.5', user: 'ubuntu', roles: ['controlplane', 'etcd', 'worker'] },
              { address: '10.0.0.6', user: 'ubuntu', roles: ['worker'] },
            ],
          },
        },
      });
      expect(await typed('get clusters')).toMatch(/^one [^]*^two /m);
      await typed('get cluster one', 'delete cluster three --wait=false', 'delete clusters four --wait=false');
    },
    MINUTES_MS,
  );

  it(
    'create job, in both spellings of every flag; get, watch, delete, logs',
    async () => {
      await typed('create namespace team', 'create namespaces others', 'get namespaces', 'get namespace team');
      const flags = "--cpus 1 --gpus 0 --memory 128 --run 'sleep 10' --replicas 2";
      await typed(
        `create job a --namespace team -l app nginx --labels tier web --image nginx -e A b --envs C d ${flags} --restart_policy Always`,
        `create jobs b --namespace team ${flags} --restart-policy Never -a T4:1`,
        'create job c --namespace team --accelerators T4:1 -v data /data --volumes cache /cache',
        'get jobs --namespace team',
        'get job a --namespace team',
      );
      const watched = await skyctl.run(wordsOf('get jobs -w --namespace team'), { until: /^c .*PENDING/m });
      expect(watched.stdout).toMatch(/^a +- +0\/2/m);
      const one = await skyctl.run(wordsOf('get job a --watch --namespace team'), { until: /^a .*PENDING/m });
      expect(one.stdout).not.toMatch(/^b /m);
      const logs = await type('logs a --namespace team');
      expect([logs.code, logs.stderr]).not.toEqual([USAGE, expect.anything()]);
      expect(await typed('delete job a --namespace team --wait=false')).toContain('deleted');
      expect(await typed('delete jobs b --namespace team --wait=false')).toContain('deleted');
    },
    MINUTES_MS,
  );

  it(
    'apply -f and --file, of its own form of YAML',
    async () => {
      const file = join(skyctl.home, 'job.yaml');
      const text =
        'kind: Job\nmetadata: {name: applied}\nspec: {image: nginx, run: date, restart_policy: Never, resources: {cpus: 1}}\n';
      writeFileSync(file, text);
      expect(await typed(`apply -f ${file}`)).toContain('job.skyflow.io/applied created');
      expect(await typed(`apply --file ${file}`)).toContain('job.skyflow.io/applied unchanged');
    },
    MINUTES_MS,
  );

  it(
    'create filterPolicy in all its spellings, link, service, endpoints; get, delete',
    async () => {
      const dry = '--dry-run client';
      await typed(
        'create cluster east',
        'create cluster west',
        // Without a scheduler nobody can say what one would move, so none is sent.
        `create filterPolicy p1 --namespace default -l app nginx --labelSelector tier web -i east --includeCluster east -e west ${dry}`,
        `create filterPolicies p2 --label_selector app nginx --include_cluster east --exclude_cluster west ${dry}`,
        `create filterpolicy p3 -l app x --excludeCluster west ${dry}`,
        `create filterpolicies p4 -l app y -i east ${dry}`,
      );
      for (const kind of ['filterPolicy', 'filterPolicies', 'filterpolicy', 'filterpolicies']) {
        const policy = { metadata: { name: 'p1' }, spec: { clusters: ['east'], workloadSelector: {} } };
        const made = await fetch(
          `${gateway.url}/apis/skyflow.io/v1/namespaces/default/placementpolicies?allowMoves=all`,
          {
            method: 'POST',
            headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
            body: JSON.stringify(policy),
          },
        );
        expect(made.status).toBe(201);
        expect(await typed(`get ${kind} --namespace default`, `get ${kind} p1`)).toMatch(/^p1 /m);
        // Forced for the same reason: nobody can say what would move.
        await typed(`delete ${kind} p1 --namespace default --force`);
      }
      await typed('create link ab -s east -t west', 'create links ab --source east --target west', 'get links');
      expect(
        await typed('create link east.west --plane gateway', 'create link x -s east -t west --plane flat'),
      ).toMatch(/^link.skyflow.io\/east.west set to flat$/m);
      expect(await typed('get links')).toMatch(/^east.west +east +west +flat +<none> +UNKNOWN/m);
      expect(await typed('describe link east.west')).toContain('flat (services may say otherwise)');
      await typed('delete link east.west');
      await typed(
        'create service web --namespace default -t LoadBalancer -s app nginx -p 80 8080 -c east',
        'create svc api --service_type NodePort --selector app api --ports 80 8080 --ports 443 8443 --cluster auto',
        'get services',
        'get svc web --namespace default',
      );
      const same = '--namespace default --selector app nginx';
      await typed(
        `create endpoints web --num_endpoints 2 --exposed --primary_cluster auto ${same}`,
        `create endpoint web --num-endpoints 2 --primary-cluster east ${same}`,
        'create edps web',
        'create edp web',
        'get endpoints',
        'get endpoint',
        'get edp --namespace default',
        'get edps',
      );
      await typed('delete svc api --wait=false', 'delete service web --wait=false');
      for (const [line, text] of [
        ['create link ab -s east -t east', 'both east'],
        ['create link ab -s east -t nowhere', 'there is no cluster "nowhere"; the clusters are: east, '],
        ['create link east --plane flat', 'FROM.TO'],
        ['create link east.west --plane tunnel', 'spec.plane: Unsupported value: "tunnel"'],
      ] as const) {
        const { code, stderr } = await type(line);
        expect([line, code === 0, stderr]).toEqual([line, false, expect.stringContaining(text)]);
      }
    },
    MINUTES_MS,
  );

  it(
    'create role; invite, register, login, revoke_invite; get users, delete user',
    async () => {
      await typed(
        'create role dev -a get -a list -r jobs -n default -u jo',
        'create roles ops --action create --resource jobs --namespace default --users al',
        'get roles',
      );
      const invite = (await typed('invite -r reader-role --role reader-role --json')).trim();
      const { invite: token } = JSON.parse(invite) as { invite: string };
      await typed(`register jo correct-horse -inv ${token} --email jo@example.com`);
      const other = (await type('invite')).stdout.trim();
      await typed(`register al correct-horse --invite ${other}`);
      await skyctl.run(['config', 'set-context', 'seed', '--server', gateway.url]);
      await typed('login jo correct-horse', 'get users');
      const third = (await type('invite --role reader-role')).stdout.trim();
      await typed(`revoke_invite ${third}`, 'delete user al');
      for (const alias of ['use-context', 'use-ctx', 'swap-context', 'swap-ctx']) {
        expect(await typed(`config ${alias} jo-default`)).toContain('jo-default');
      }
    },
    MINUTES_MS,
  );

  it(
    'exec, port-forward and status, in both spellings',
    async () => {
      await typed('create job e --run date', 'status');
      for (const line of [
        'exec e --namespace default ls -l',
        'exec -t e -q ls',
        'exec e -cts main --tasks x ls',
        'exec e --containers main --quiet ls',
        'exec -it e ls',
        'exec -ti e ls',
        'exec --tty e ls',
        'port-forward e 8080:80 --namespace default --manager k8 --request-timeout 5s',
      ]) {
        const { code, stderr } = await type(line);
        // There is no pod, or no terminal; the words were understood.
        expect([line, stderr]).toEqual([line, expect.not.stringMatching(/unknown option|too many arguments/)]);
        expect([line, code]).not.toEqual([line, 0]);
      }
    },
    MINUTES_MS,
  );
});
