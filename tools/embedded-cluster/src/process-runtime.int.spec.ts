/** Containers that really run: logs, exit codes, restarts, signals, volumes, probes, exec, and nothing left behind. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from './model/pod.js';
import { canMount } from './process/mount-namespace.js';
import { ClusterFixture, until } from './testing/cluster-fixture.js';

/** A number of seconds that no other process on this machine sleeps. */
let unique = 100_000 + (process.pid % 10_000) * 10;
const marker = (): string => String(unique++);
const running = (text: string): string[] =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`sleep ${text}`));

const pod = (name: string, script: string, spec: Partial<Pod['spec']> = {}, container: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', script], ...container }],
    ...spec,
  },
});

describe('the process runtime', () => {
  const fixture = new ClusterFixture();
  const kubectl = fixture.kubectl.bind(fixture);
  const phase = (name: string): string | undefined => fixture.find('Pod', name)?.status?.phase;
  const reached = (name: string, wanted: string) => until(`${name} ${wanted}`, () => phase(name) === wanted);
  const state = (name: string) => fixture.find('Pod', name)?.status?.containerStatuses?.[0];

  beforeAll(async () => {
    await fixture.start({ runtime: 'process', crashBackoff: { baseMs: 50, maxMs: 200 }, nodeMonitorGraceMs: 50 });
  });
  afterAll(async () => {
    await fixture.stop();
    expect(fixture.unexpected).toEqual([]);
  });

  it('keeps what a command says, both streams in order, with times', async () => {
    await fixture.create(pod('talk', 'echo one; sleep 0.1; echo two >&2; sleep 0.1; printf three'));
    await reached('talk', 'Succeeded');
    expect(await kubectl('logs talk')).toBe('one\ntwo\nthree');
    expect(await kubectl('logs talk --tail=1')).toBe('three');
    expect(await kubectl('logs talk --timestamps --tail=2')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z two\n\S+Z three$/);
  });

  it('follows a log until the container ends', async () => {
    await fixture.create(pod('count', 'for i in 1 2 3 4; do echo $i; sleep 0.2; done'));
    await until('the first line', () => state('count')?.state.running !== undefined);
    expect(await kubectl('logs -f count')).toBe('1\n2\n3\n4');
  });

  it('reports exit codes and signals as the kubelet does', async () => {
    await fixture.create(pod('seven', 'exit 7'));
    // Kubernetes itself makes one dollar of two.
    await fixture.create(pod('killed', 'kill -9 $$$$'));
    await reached('seven', 'Failed');
    await reached('killed', 'Failed');
    expect(state('seven')?.state.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
    expect(state('killed')?.state.terminated).toMatchObject({ exitCode: 137, signal: 9 });
  });

  it('restarts by policy with back-off and keeps the log of the run before', async () => {
    const script = 'echo run $(ls runs 2>/dev/null | wc -l); mkdir -p runs; touch runs/$$$$; sleep 0.05; exit 1';
    await fixture.create(pod('crash', script, { restartPolicy: 'Always' }));
    await until('three restarts', () => (state('crash')?.restartCount ?? 0) >= 3);
    await until('the back-off', async () => (await kubectl('get pod crash')).includes('CrashLoopBackOff'));
    expect(await kubectl('logs crash --previous')).toMatch(/^run \d+$/);
    await kubectl('delete pod crash');
  });

  it('stops by SIGTERM first, and by SIGKILL what does not listen, to the last child', async () => {
    const [deaf, away] = [marker(), marker()];
    await fixture.create(
      pod('deaf', `trap 'echo asked' TERM; setsid sleep ${away} & while :; do sleep ${deaf} & wait; done`),
    );
    await until('its children', () => running(deaf).length > 0 && running(away).length > 0);
    const startedMs = Date.now();
    await kubectl('delete pod deaf --timeout=10s');
    expect(Date.now() - startedMs).toBeLessThan(6000);
    await until('nothing left', () => running(deaf).length + running(away).length === 0);
    await until('no sandbox', () => !readdirSync(fixture.sandboxes).some((name) => name.includes('deaf')));
  });

  it('stops pods at any moment of their start', async () => {
    const seconds = marker();
    const volumes = { volumes: [{ name: 'v', emptyDir: {} }] };
    const mounts = { volumeMounts: [{ name: 'v', mountPath: '/skyflow-test-data/deep' }] };
    const names = Array.from({ length: 16 }, (_, at) => `brief-${at}`);
    const lives = names.map(async (name, at) => {
      await fixture.create(pod(name, `sleep ${seconds}`, volumes, at % 2 === 0 ? mounts : {}));
      await new Promise((resolve) => setTimeout(resolve, at * 8));
      await fixture.delete('Pod', name);
    });
    await Promise.all(lives);
    await until('all to be gone', () => names.every((name) => fixture.find('Pod', name) === undefined));
    expect(running(seconds)).toEqual([]);
  });

  it('gives every pod an address of its own and tells it', async () => {
    const serve = 'exec python3 -m http.server 8080 --bind $POD_IP';
    const probe = { readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } };
    await fixture.create(pod('a', serve, {}, probe));
    await fixture.create(pod('b', serve, {}, probe));
    await kubectl('wait --for=condition=ready pod/a pod/b --timeout=15s');
    const addresses = ['a', 'b'].map((name) => fixture.find('Pod', name)?.status?.podIP);
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect((await fetch(`http://${address}:8080/`)).status).toBe(200);
    await kubectl('delete pod a b --now');
  });

  it('restarts a container whose liveness probe fails', async () => {
    const liveness = {
      livenessProbe: { exec: { command: ['test', '-e', 'alive'] }, periodSeconds: 1, failureThreshold: 1 },
    };
    await fixture.create(
      pod('sick', `touch alive; sleep 1.5; rm alive; sleep ${marker()}`, { restartPolicy: 'Always' }, liveness),
    );
    await until('a restart', () => (state('sick')?.restartCount ?? 0) >= 1);
    expect(await kubectl('describe pod sick')).toContain('Liveness probe failed');
    await kubectl('delete pod sick --now');
  });

  it('waits for config maps and secrets, then gives them as files and as environment', async () => {
    const volumes = [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'scratch', emptyDir: {} },
    ];
    const container = {
      env: [
        { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
        { name: 'WHO', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'ALL', value: '$(GREETING) $(WHO)' },
      ],
      volumeMounts: [
        { name: 'settings', mountPath: '/etc/skyflow-test/settings' },
        { name: 'scratch', mountPath: '/skyflow-test-scratch' },
      ],
    };
    // Where volumes cannot be mounted, the pod is told where they are.
    const script = canMount()
      ? 'echo "$ALL $PASSWORD"; cat /etc/skyflow-test/settings/greeting; echo; echo kept > /skyflow-test-scratch/file; touch /etc/skyflow-test/settings/x 2>&1 || cat /skyflow-test-scratch/file'
      : 'echo "$ALL $PASSWORD"; echo "$SKYFLOW_MOUNTS"';
    await fixture.create(pod('reader', script, { volumes }, container));
    await until('the reason', async () =>
      (await kubectl('describe pod reader')).includes('configmap "settings" not found'),
    );
    await fixture.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { greeting: 'hello' },
    });
    await fixture.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login', namespace: 'default' },
      stringData: { password: 'open sesame' },
    });
    await reached('reader', 'Succeeded');
    const exec = { livenessProbe: { exec: { command: ['cat', '/etc/skyflow-test/settings/greeting'] } } };
    const stays = `sleep ${marker()}`;
    await fixture.create(pod('stays', stays, { volumes }, { volumeMounts: container.volumeMounts, ...exec }));
    await reached('stays', 'Running');
    if (canMount()) {
      expect(await kubectl('exec stays -- cat /etc/skyflow-test/settings/greeting')).toBe('hello');
      expect(await kubectl('exec -t stays -- cat /etc/skyflow-test/settings/greeting')).toBe('hello');
    }
    await kubectl('delete pod stays --now');
    const [said, ...rest] = (await kubectl('logs reader')).split('\n');
    expect(said).toBe('hello reader open sesame');
    if (canMount()) {
      expect(rest).toEqual(['hello', expect.stringContaining('Read-only file system'), 'kept']);
      expect(existsSync('/etc/skyflow-test') || existsSync('/skyflow-test-scratch')).toBe(false);
    } else {
      const mounts = JSON.parse(rest[0] ?? '{}') as Record<string, string>;
      expect(readdirSync(mounts['/etc/skyflow-test/settings'] ?? '')).toEqual(['greeting']);
    }
  });

  it('runs init containers one after the other before the others', async () => {
    const step = (name: string, command: string) => ({ name, image: 'i', command: ['sh', '-c', command] });
    const initContainers = [step('first', 'echo 1'), step('second', 'echo 2')];
    await fixture.create(pod('staged', 'echo main', { initContainers }));
    await reached('staged', 'Succeeded');
    expect(await kubectl('logs staged -c first')).toBe('1');
    expect(await kubectl('logs staged')).toContain('main');
    await fixture.create(pod('stuck', 'echo main', { initContainers: [step('broken', 'exit 2')] }));
    await reached('stuck', 'Failed');
    expect(await kubectl('get pod stuck')).toContain('Init:Error');
  });

  it('executes commands beside a container and passes their exit code on', async () => {
    await fixture.create(pod('host', `sleep ${marker()}`));
    await reached('host', 'Running');
    expect(await kubectl(['exec', 'host', '--', 'sh', '-c', 'echo $POD_IP'])).toBe(
      fixture.find('Pod', 'host')?.status?.podIP,
    );
    expect(await kubectl('exec -i host -- cat', 'through and back')).toBe('through and back');
    expect((await fixture.run(['exec', 'host', '--', 'sh', '-c', 'exit 5'])).code).toBe(5);
    await kubectl('delete pod host --now');
  });

  it('executes commands for clients that speak SPDY', async () => {
    await fixture.create(pod('older', `sleep ${marker()}`));
    await reached('older', 'Running');
    const spdy = { env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' } };
    const { code, stdout, stderr } = await fixture.run(
      ['exec', '-i', 'older', '--', 'sh', '-c', 'cat; echo aside >&2; exit 6'],
      'through and back',
      spdy,
    );
    expect([code, stdout]).toEqual([6, 'through and back']);
    expect(stderr).toContain('aside\n');
    await kubectl('delete pod older --now');
  });

  it('refuses a command in a container that does not run, and ends a command whose client is gone', async () => {
    const seconds = marker();
    await fixture.create(pod('short', 'exit 0'));
    await reached('short', 'Succeeded');
    expect((await fixture.run(['exec', 'short', '--', 'true'])).stderr).toContain('completed pod');
    await fixture.create(pod('left', `sleep ${marker()}`));
    await reached('left', 'Running');
    const leaving = new AbortController();
    const exec = fixture.run(['exec', 'left', '--', 'sleep', seconds], undefined, { signal: leaving.signal });
    await until('the command', () => running(seconds).length > 0);
    leaving.abort();
    await exec;
    await until('its end', () => running(seconds).every((line) => line.includes('kubectl')));
    await kubectl('delete pod left --now');
  });

  it('copies files and directories both ways with kubectl cp', async () => {
    await fixture.create(pod('files', `sleep ${marker()}`));
    await reached('files', 'Running');
    const here = mkdtempSync(join(tmpdir(), 'skyflow-cp-'));
    mkdirSync(join(here, 'tree'));
    writeFileSync(join(here, 'tree', 'a'), 'a'.repeat(300_000));
    await kubectl(['cp', join(here, 'tree'), 'files:copied']);
    expect(await kubectl(['exec', 'files', '--', 'wc', '-c', 'copied/a'])).toBe('300000 copied/a');
    await kubectl(['cp', 'files:copied', join(here, 'back')]);
    expect(readFileSync(join(here, 'back', 'a'), 'utf8')).toHaveLength(300_000);
    rmSync(here, { recursive: true });
    await kubectl('delete pod files --now');
  });

  it('attaches to a container: its output from then on, and input if it takes any', async () => {
    const loop = 'while read line; do echo "got $line"; done; echo end of input';
    await fixture.create(pod('listener', loop, {}, { stdin: true, stdinOnce: true }));
    await reached('listener', 'Running');
    expect(await kubectl('attach -i listener', 'one\ntwo\n')).toContain('got one\ngot two\nend of input');
    await reached('listener', 'Succeeded');
    expect(await kubectl('logs listener')).toBe('got one\ngot two\nend of input');
    await fixture.create(pod('deaf', `sleep ${marker()}`));
    await reached('deaf', 'Running');
    expect((await fixture.run(['attach', '-i', 'deaf'])).stderr).toContain('stdin');
    await kubectl('delete pod deaf --now');
  });

  it('forwards ports of a pod, over WebSocket and over SPDY', async () => {
    await fixture.create(pod('ports', 'exec python3 -m http.server 8080 --bind $POD_IP'));
    await reached('ports', 'Running');
    const address = fixture.find('Pod', 'ports')?.status?.podIP ?? '';
    await until('it listens', async () => (await fetch(`http://${address}:8080/`).catch(() => undefined))?.ok);
    for (const webSockets of ['true', 'false']) {
      const leaving = new AbortController();
      const port = 20_000 + Math.floor(Math.random() * 20_000);
      const forward = fixture.run(['port-forward', 'ports', `${port}:8080`], undefined, {
        signal: leaving.signal,
        env: { KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets },
      });
      const texts = await until('an answer', async () => {
        const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
        return Promise.all([ask(), ask(), ask()]).catch(() => undefined);
      });
      expect(texts[0]).toContain('Directory listing');
      expect(new Set(texts).size).toBe(1);
      leaving.abort();
      await forward;
    }
    await kubectl('delete pod ports --now');
  });

  it('follows a log over its rotation without a hole', async () => {
    const script =
      'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo "$i 0123456789012345678901234567890123456789"; done';
    await fixture.create(pod('chatty', script));
    await until('the first line', () => state('chatty')?.state.running ?? state('chatty')?.state.terminated);
    const lines = (await kubectl('logs -f chatty')).split('\n').map((line) => Number(line.split(' ')[0]));
    expect(lines).toEqual(Array.from({ length: 30_000 }, (_, n) => n + 1));
  });

  it('says what is missing when a command is not on this machine', async () => {
    await fixture.create(pod('lost', '', {}, { command: ['no-such-program-here'] }));
    await reached('lost', 'Failed');
    expect(state('lost')?.state.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    expect(await kubectl('describe pod lost')).toContain('executable file not found in $PATH');
  });

  it('plays a container without a command and says so in its log', async () => {
    const { spec } = pod('played', '');
    const [{ command: _command, ...container } = { name: 'main' }] = spec.containers;
    await fixture.create({ ...pod('played', ''), spec: { ...spec, restartPolicy: 'Always', containers: [container] } });
    await kubectl('wait --for=condition=ready pod/played --timeout=10s');
    expect(await kubectl('logs played')).toContain('It is simulated');
    await kubectl('delete pod played');
  });

  it('lets pods run on when their node is not heard of, and says that they are well when it is again', async () => {
    const seconds = marker();
    await fixture.create(pod('away', `sleep ${seconds}`, { restartPolicy: 'Always' }));
    await kubectl('wait --for=condition=ready pod/away --timeout=10s');
    await fixture.clusters.setFaults('test', { lostNodes: ['node-0'] });
    await kubectl('wait --for=condition=ready=false pod/away --timeout=10s');
    expect(running(seconds)).not.toEqual([]);
    await fixture.clusters.setFaults('test', {});
    await kubectl('wait --for=condition=ready pod/away --timeout=10s');
    expect(fixture.find('Pod', 'away')?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    await kubectl('delete pod away --now');
  });

  it('ends a pod whose time is over', async () => {
    await fixture.create(pod('late', `sleep ${marker()}`, { activeDeadlineSeconds: 1 }));
    await reached('late', 'Failed');
    expect(fixture.find('Pod', 'late')?.status?.reason).toBe('DeadlineExceeded');
  });
});

describe('a host of process clusters', () => {
  it('leaves no process and no directory when it stops', async () => {
    const fixture = await new ClusterFixture().start({ runtime: 'process' });
    const [one, two] = [marker(), marker()];
    await fixture.create(pod('one', `sleep ${one}`));
    await fixture.create(pod('two', `trap '' TERM; setsid sleep ${two} & sleep ${two}`));
    await until('both', () => running(one).length > 0 && running(two).length > 1);
    const { sandboxes } = fixture;
    await fixture.stop();
    expect([...running(one), ...running(two)]).toEqual([]);
    expect(existsSync(sandboxes)).toBe(false);
    expect(fixture.unexpected).toEqual([]);
  });
});
