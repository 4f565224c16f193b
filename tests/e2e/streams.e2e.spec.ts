/** Into pods of every cluster, typed with skyctl and with kubectl: logs, exec, cp, attach, port-forward, events. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { agentOf } from './fixture/agent-of.js';
import { endOf, Programs } from './fixture/programs.js';
import { eventually, Skyflow } from './fixture/skyflow.js';
import { growthOf, SlowReaders } from './fixture/slow-readers.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = join(root, 'tests/e2e/manifests/streams.yaml');
/** Of a process, in twelve seconds with a dozen readers that do not read. */
const MOST_GROWTH_MIB = 120;
const skyflow = new Skyflow();
const { contexts } = skyflow.clusters;

describe('into pods', () => {
  const here = mkdtempSync(join(tmpdir(), 'skyflow-streams-'));
  const programs = new Programs(skyflow);

  beforeAll(async () => {
    await skyflow.up();
    expect((await skyflow.npxKubectl(['--context', 'skyflow', 'apply', '-f', manifest])).code).toBe(0);
    const listening = async (): Promise<void> => {
      const { stdout } = await skyflow.npxKubectl(['--context', 'skyflow', 'get', 'pods', '--no-headers']);
      expect(stdout.match(/2\/2 +Running/g)).toHaveLength(2);
      for (const context of contexts) {
        expect((await exec(context, ['-c', 'web'], ['test', '-e', 'w/index.html'])).code).toBe(0);
      }
    };
    await eventually('both pods run and listen', listening, 120_000);
  }, 240_000);

  afterEach(() => programs.stop());

  afterAll(async () => {
    await skyflow.remove();
    rmSync(here, { recursive: true, force: true });
  }, 60_000);

  const exec = (context: string, flags: string[], command: string[], input?: string) =>
    skyflow.skyctl(['exec', 'deployment/talk', '--cluster', context, ...flags, '--', ...command], input);
  const kubectl = (...args: string[]) => skyflow.npxKubectl(['--context', 'skyflow', ...args]);
  const podOf = async (context: string): Promise<string> => {
    const { stdout } = await kubectl('get', 'pods', '-o', 'name');
    return stdout.split('\n').find((name) => name.endsWith(`.${context}`)) ?? '';
  };

  it.each(contexts)('runs a command on %s with input, both outputs and the exit code', async (context) => {
    const result = await exec(context, ['-i', '-c', 'main'], ['sh', '-c', 'cat; echo aside >&2; exit 7'], 'in and out');
    expect(result).toMatchObject({ code: 7, stdout: 'in and out' });
    expect(result.stderr).toBe('aside');
  });

  it.each(contexts)('does the same with stock kubectl on %s', async (context) => {
    const pod = await podOf(context);
    expect(
      await kubectl('exec', pod, '-c', 'main', '--', 'sh', '-c', 'echo out; echo aside >&2; exit 7'),
    ).toMatchObject({
      code: 7,
      stdout: 'out',
      stderr: expect.stringContaining('aside'),
    });
  });

  it.each(contexts)(
    'gives a command on %s a terminal as large as this one, tells it a new size, and ends as it does',
    async (context) => {
      const shell = ['exec', '-it', 'talk', '-c', 'main', '--cluster', context, '--', 'sh'];
      const terminal = await programs.startInTerminal('apps/skyctl/bin/skyctl.mjs', shell);
      if (terminal === undefined) return;
      const says = async (text: RegExp): Promise<void> => {
        await eventually(`it says ${text.source}`, () => {
          terminal.type('stty size\n');
          expect(terminal.said()).toMatch(text);
        });
      };
      await says(/^24 80\r$/m);
      terminal.resize(133, 41);
      await says(/^41 133\r$/m);
      terminal.type('exit 9\n');
      expect(await terminal.exitCode).toBe(9);
    },
  );

  it('says what is wrong with a target, a container, a cluster and a command', async () => {
    const wrong = async (...args: string[]): Promise<[number, string]> => {
      const { code, stderr } = await skyflow.skyctl(args);
      return [code, stderr];
    };
    expect(await wrong('exec', 'nope', '--', 'ls')).toEqual([3, expect.stringContaining('"nope" not found')]);
    expect(await wrong('exec', 'pod/nope.mars', '--', 'ls')).toEqual([3, expect.stringContaining('not found')]);
    expect(await wrong('exec', 'talk', '-c', 'nope', '--', 'ls')).toEqual([
      2,
      expect.stringContaining('choose one of: main, web'),
    ]);
    expect(await wrong('exec', 'deployment/talk', '--cluster', 'mars', '--', 'ls')).toEqual([
      3,
      expect.stringContaining('it has a share in'),
    ]);
    expect(await wrong('exec', 'talk', '-c', 'main', '--', 'no-such-program')).toEqual([
      expect.any(Number),
      expect.stringContaining('no-such-program'),
    ]);
    expect(await wrong('exec', 'talk')).toEqual([2, expect.stringContaining('say which command')]);
    const path = `/api/v1/namespaces/default/pods/${(await podOf(contexts[0])).replace('pod/', '')}/log?container=nope`;
    expect(await skyflow.api(path)).toMatchObject({
      code: 400,
      body: { message: expect.stringContaining('choose one of: main, web') },
    });
  });

  it('copies a directory to a pod and back, byte for byte, with skyctl and with kubectl', async () => {
    const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, n) => (n * 31) & 0xff));
    const file = join(here, 'bytes');
    writeFileSync(file, bytes);
    const [context] = contexts;
    expect(await skyflow.skyctl(['cp', file, 'talk:copied', '-c', 'main', '--cluster', context])).toMatchObject({
      code: 0,
    });
    expect(
      await skyflow.skyctl(['cp', 'talk:copied', join(here, 'back'), '-c', 'main', '--cluster', context]),
    ).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, 'back')).equals(bytes)).toBe(true);
    const pod = (await podOf(context)).replace('pod/', '');
    expect(await kubectl('cp', '-c', 'main', `default/${pod}:copied`, join(here, 'again'))).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, 'again')).equals(bytes)).toBe(true);
  });

  it('forwards a port, many connections at once, with skyctl and with kubectl', async () => {
    const [first, second] = contexts;
    const own = programs.start('apps/skyctl/bin/skyctl.mjs', ['port-forward', 'talk', '--cluster', first, ':http']);
    await eventually('it listens', () => expect(own.said()).toMatch(/forwarding 127.0.0.1:\d+/));
    const args = ['--context', 'skyflow', 'port-forward', await podOf(second), ':8080'];
    const theirs = programs.start('libs/kubectl/bin/kubectl.mjs', args);
    await eventually('it listens', () => expect(theirs.said()).toMatch(/Forwarding from 127.0.0.1:\d+/));
    for (const { said } of [own, theirs]) {
      const port = /127\.0\.0\.1:(\d+)/.exec(said())?.[1] ?? '';
      const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
      expect(new Set(await Promise.all(Array.from({ length: 10 }, ask)))).toEqual(new Set(['forwarded\n']));
    }
  });

  it('holds back what nobody reads, of logs, commands and forwarded ports, in bounded memory', async () => {
    expect(await kubectl('apply', '-f', join(root, 'tests/e2e/manifests/chatty.yaml'))).toMatchObject({ code: 0 });
    let pod = '';
    await eventually('it has said much, and listens', async () => {
      const { stdout } = await kubectl('get', 'pods', '-l', 'app=chatty', '--no-headers');
      expect(stdout).toMatch(/1\/1 +Running/);
      [pod = ''] = stdout.split(' ');
    });
    const forward = programs.start('libs/kubectl/bin/kubectl.mjs', [
      '--context',
      'skyflow',
      'port-forward',
      pod,
      ':8080',
    ]);
    await eventually('it listens', () => expect(forward.said()).toMatch(/Forwarding from 127.0.0.1:\d+/));
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(forward.said())?.[1]);
    const readers = new SlowReaders(skyflow);
    try {
      const between = [skyflow.processes()['api-gateway']!, ...contexts.map((context) => agentOf(skyflow, context))];
      const growth = await growthOf(between, 12_000, () => {
        for (let count = 0; count < 4; count += 1) {
          readers.kubectl('exec', pod, '--', 'cat', '/dev/zero');
          readers.kubectl('logs', '-f', pod);
          readers.http(port, '/large');
        }
      });
      readers.assertWaiting();
      // Of each stream at most a window (512 KiB) and what sockets hold; without back-pressure a gigabyte would have come.
      expect(Math.max(...growth)).toBeLessThan(MOST_GROWTH_MIB);
      // Others are not held up.
      expect(await kubectl('exec', pod, '--', 'echo', 'free')).toMatchObject({ code: 0, stdout: 'free' });
    } finally {
      await readers.stop();
      await kubectl('delete', 'deployment', 'chatty');
    }
  }, 120_000);

  it('ends the command when the client is gone', async () => {
    const [context] = contexts;
    const { child } = programs.start('apps/skyctl/bin/skyctl.mjs', [
      'exec',
      'talk',
      '--cluster',
      context,
      '-c',
      'main',
      '--',
      'sh',
      '-c',
      'while echo beat > left-over; do sleep 0.1; done',
    ]);
    const isBeating = async (): Promise<boolean> => {
      await exec(context, ['-c', 'main'], ['rm', '-f', 'left-over']);
      return (await exec(context, ['-c', 'main'], ['sh', '-c', 'sleep 0.5; test -e left-over'])).code === 0;
    };
    await eventually('it runs', async () => expect(await isBeating()).toBe(true));
    await endOf(child);
    await eventually('it has ended', async () => expect(await isBeating()).toBe(false));
  });

  it('shows events of the clusters and of SkyFlow, about a workload and its pods', async () => {
    await eventually('they are there', async () => {
      const { stdout } = await skyflow.skyctl(['events', 'talk']);
      for (const context of contexts)
        expect(stdout).toMatch(new RegExp(`${context} .*Scheduled .*pod/talk-.*\\.${context}`));
      expect(stdout).toMatch(/- +Normal +Placed +deployment\/talk/);
    });
    const described = await kubectl('describe', await podOf(contexts[0]));
    expect(described.stdout).toMatch(/Events:[^]*Scheduled/);
  });

  it('reads earlier lines, the newest lines, and none of a run that was not', async () => {
    const { stdout } = await skyflow.skyctl([
      'logs',
      'talk',
      '-c',
      'main',
      '--tail',
      '2',
      '--cluster',
      contexts[0],
      '--prefix',
    ]);
    // A line that comes while it is read may be there too, as with a real kubelet.
    expect([2, 3, 4]).toContain(stdout.split('\n').length);
    expect(stdout).toMatch(new RegExp(`^\\[${contexts[0]}/talk-[^/]+/main\\] count \\d+$`, 'm'));
    const since = await skyflow.skyctl(['logs', 'talk', '-c', 'main', '--since', '1s', '--cluster', contexts[0]]);
    expect(since.stdout.split('\n').length).toBeLessThan(60);
    const previous = await skyflow.skyctl(['logs', 'talk', '-c', 'main', '-p', '--cluster', contexts[0]]);
    expect([previous.code, previous.stderr]).toEqual([
      5,
      expect.stringContaining('previous terminated container "main"'),
    ]);
  });

  it('reads logs of pods by label, of all clusters, and follows no more of them than it is allowed', async () => {
    const byLabel = ['logs', '-l', 'app=talk', '-c', 'main', '--tail', '1', '--prefix'];
    const { code, stdout, stderr } = await skyflow.skyctl(byLabel);
    expect([code, stderr]).toEqual([0, '']);
    for (const context of contexts) {
      expect(stdout).toMatch(new RegExp(`^\\[talk-\\S+\\.${context}\\] count \\d+$`, 'm'));
    }
    const oneCluster = await skyflow.skyctl([...byLabel, '--cluster', contexts[0]]);
    expect([oneCluster.code, oneCluster.stdout]).toEqual([0, expect.not.stringContaining(contexts[1])]);
    const tooMany = await skyflow.skyctl([...byLabel, '-f', '--max-log-requests', '1']);
    expect([tooMany.code, tooMany.stderr]).toEqual([2, expect.stringContaining('--max-log-requests')]);
    const none = await skyflow.skyctl(['logs', '-l', 'app=nothing']);
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('No pods with app=nothing') });
    expect((await skyflow.skyctl(['logs', '-l', 'app in ('])).code).toBe(5);
  });

  it('follows a log over the death of the gateway and of an agent, without loss and without a line twice', async () => {
    const [context] = contexts;
    const { said } = programs.start('apps/skyctl/bin/skyctl.mjs', [
      'logs',
      'talk',
      '-c',
      'main',
      '-f',
      '--cluster',
      context,
      '--tail',
      '1',
    ]);
    const counts = (): number[] => [...said().matchAll(/^count (\d+)$/gm)].map(([, n]) => Number(n));
    const grown = async (what: string): Promise<void> => {
      const before = counts().length;
      await eventually(what, () => expect(counts().length).toBeGreaterThan(before + 10));
    };
    await grown('it begins');
    process.kill(agentOf(skyflow, context), 'SIGKILL');
    await eventually('the loss is said', () => expect(said()).toMatch(/# skyflow: .*waiting for it/));
    await grown('it goes on over the agent');
    process.kill(skyflow.processes()['api-gateway']!, 'SIGKILL');
    await eventually('the loss is said', () => expect(said()).toContain('trying again'));
    await grown('it goes on over the gateway');
    const [first = 0] = counts();
    expect(counts()).toEqual(counts().map((_, n) => first + n));
  }, 120_000);

  it('says since when a cluster is away', async () => {
    const pod = (await podOf(contexts[0])).replace('pod/', '');
    const supervisor = skyflow.processes()['agent-supervisor']!;
    const agent = agentOf(skyflow, contexts[0]);
    process.kill(supervisor, 'SIGSTOP');
    try {
      process.kill(agent, 'SIGKILL');
      await eventually('it is refused', async () => {
        const { code, body } = await skyflow.api(
          `/api/v1/namespaces/default/pods/${pod}/log?container=main&tailLines=1`,
        );
        expect([code, body]).toEqual([
          503,
          expect.objectContaining({
            message: expect.stringMatching(/does not answer, last heard \d{4}-.*; the cluster is \w+/),
          }),
        ]);
      });
      const { code, stderr } = await skyflow.skyctl(['exec', `pod/${pod}`, '-c', 'main', '--', 'ls']);
      expect([code, stderr]).toEqual([expect.any(Number), expect.stringMatching(/does not answer|not found/)]);
      expect(code).not.toBe(0);
    } finally {
      process.kill(supervisor, 'SIGCONT');
    }
  }, 60_000);
});
