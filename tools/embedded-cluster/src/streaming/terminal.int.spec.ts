/** Exec on a terminal, by the protocol itself: kubectl asks for one only when it has one. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { WebSocket } from 'ws';
import { ClusterFixture, until } from '../testing/cluster-fixture.js';

const onTerminals = await needing('pseudo-terminals');

onTerminals.describe('exec on a terminal', () => {
  const fixture = new ClusterFixture();

  beforeAll(async () => {
    await fixture.start({ runtime: 'process' });
    await fixture.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'host', namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: 'x', command: ['sleep', '1000'] }],
      },
    });
    await until('it runs', () => fixture.find('Pod', 'host')?.status?.phase === 'Running');
  });
  afterAll(async () => {
    await fixture.stop();
    expect(fixture.unexpected).toEqual([]);
  });

  async function open(
    command: readonly string[],
  ): Promise<{ webSocket: WebSocket; output: () => string; end: () => string }> {
    const query = new URLSearchParams({ stdin: 'true', stdout: 'true', tty: 'true' });
    for (const word of command) query.append('command', word);
    const url = `${fixture.cluster.url?.replace('https', 'wss') ?? ''}/api/v1/namespaces/default/pods/host/exec?${query.toString()}`;
    const webSocket = new WebSocket(url, ['v5.channel.k8s.io'], {
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${fixture.cluster.token}` },
    });
    const texts = new Map<number, string>();
    webSocket.on('message', (message: Buffer) => {
      const channel = message[0] ?? 0;
      texts.set(channel, (texts.get(channel) ?? '') + message.subarray(1).toString('utf8'));
    });
    await once(webSocket, 'open');
    return { webSocket, output: () => texts.get(1) ?? '', end: () => texts.get(3) ?? '' };
  }

  const send = (webSocket: WebSocket, channel: number, text: string): void =>
    webSocket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]));

  it('has the size that the client says, whenever it says it, and passes the exit code on', async () => {
    const { webSocket, output, end } = await open(['sh']);
    send(webSocket, 4, '{"Width":111,"Height":33}\n');
    await until('a size', () => {
      send(webSocket, 0, 'stty size\n');
      return output().includes('33 111');
    });
    send(webSocket, 4, '{"Width":50,"Height":12}\n');
    await until('another size', () => {
      send(webSocket, 0, 'stty size\n');
      return output().includes('12 50');
    });
    const closed = once(webSocket, 'close');
    send(webSocket, 0, 'exit 7\n');
    await closed;
    expect(JSON.parse(end())).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: '7' }] } });
  });

  it('sends what is typed as the terminal would: control-C ends what runs', async () => {
    const { webSocket, output, end } = await open(['sh', '-c', 'echo ready; sleep 1000']);
    let isClosed = false;
    webSocket.once('close', () => (isClosed = true));
    await until('the command', () => output().includes('ready'));
    // Pressed again as a person would: the first may come before the shell has begun to sleep.
    await until('the end', () => {
      send(webSocket, 0, String.fromCharCode(3));
      return isClosed;
    });
    expect(JSON.parse(end())).toMatchObject({ details: { causes: [{ message: '130' }] } });
  });

  it('says which program there is none of', async () => {
    const { webSocket, end } = await open(['no-such-program']);
    await once(webSocket, 'close');
    expect(JSON.parse(end())).toMatchObject({ message: expect.stringContaining('executable file not found') });
  });
});
