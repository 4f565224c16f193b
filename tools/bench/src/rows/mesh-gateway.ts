/** B19: what two mesh gateways cost between a client and a pod, beside the direct way and HAProxy in the same run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throughGateways, throughHaproxy, type Way } from '../mesh/ways.js';
import type { Suite } from '../row.js';
import { median } from '../statistics.js';

const STREAM_BYTES = 512 * 1024 * 1024;
const CHUNK = Buffer.alloc(256 * 1024);
const ROUND_TRIPS = 3_000;
const CONNECTIONS = 3_000;
const WORKERS = 16;
/** First byte that a client sends: what the pod is to do. */
const SINK = 0x73;
const ECHO = 0x65;

interface Figures {
  gbits: number;
  roundTripUs: number;
  perSecond: number;
}

export const meshGateway: Suite = {
  budgets: [
    { id: 'B19a', name: 'one stream through two gateways', unit: 'Gbit/s', better: 'higher', floor: 3, aim: 6 },
    { id: 'B19b', name: 'round trip that two gateways add, p50', unit: 'µs', better: 'lower', floor: 150, aim: 80 },
    {
      id: 'B19c',
      name: 'new connections through two gateways',
      unit: '/s',
      better: 'higher',
      floor: 1_200,
      aim: 3_000,
    },
  ],
  async run(report, say) {
    const folder = mkdtempSync(join(tmpdir(), 'skyflow-bench-mesh-'));
    const pod = await startPod();
    const podPort = (pod.address() as AddressInfo).port;
    const ways: Way[] = [{ name: 'direct', port: podPort, close: () => undefined }];
    try {
      ways.push(await throughGateways(mkdtempSync(join(folder, 'gateways-')), podPort, true));
      ways.push(await throughGateways(mkdtempSync(join(folder, 'sessions-')), podPort, false));
      const haproxy = await throughHaproxy(folder, podPort);
      if (haproxy === undefined) say('B19: HAProxy is not installed (apt-get install haproxy); without it');
      else ways.push(haproxy);
      const figures = new Map<string, Figures>();
      for (const { name, port } of ways) {
        say(`B19: ${name}`);
        figures.set(name, {
          gbits: await stream(port),
          roundTripUs: await roundTrip(port),
          perSecond: await dials(port),
        });
      }
      const [direct, ours, onSessions, theirs] = ['direct', 'gateways', 'sessions', 'HAProxy'].map((name) =>
        figures.get(name),
      );
      if (direct === undefined || ours === undefined || onSessions === undefined) {
        throw new Error('nothing was measured');
      }
      const beside = (text: (each: Figures) => string): string =>
        `direct ${text(direct)}, sessions alone ${text(onSessions)}${theirs === undefined ? '' : `, HAProxy ${text(theirs)}`}; pod and client share a process`;
      report('B19a', {
        value: ours.gbits,
        limit: direct.gbits,
        note: beside(({ gbits }) => `${gbits.toFixed(1)} Gbit/s`),
      });
      report('B19b', {
        value: ours.roundTripUs - direct.roundTripUs,
        note: beside(({ roundTripUs }) => `${roundTripUs.toFixed(0)} µs`),
      });
      report('B19c', {
        value: ours.perSecond,
        limit: direct.perSecond,
        note: beside(({ perSecond }) => `${perSecond.toFixed(0)} /s`),
      });
    } finally {
      for (const way of ways) way.close();
      pod.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function startPod(): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (first: Buffer) => {
      if (first[0] === ECHO) {
        socket.write(first);
        socket.pipe(socket);
      } else {
        // What it took is told at the end, so that nobody counts what waits in between.
        let taken = first.length;
        socket.on('data', (chunk: Buffer) => (taken += chunk.length));
        socket.once('end', () => socket.end(String(taken)));
      }
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }, () => resolve(socket));
    socket.once('error', reject);
  });

async function stream(port: number): Promise<number> {
  const socket = await open(port);
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.once('end', () => resolve(text));
  });
  const from = performance.now();
  socket.write(Buffer.from([SINK]));
  for (let sent = 0; sent < STREAM_BYTES; sent += CHUNK.length) {
    if (!socket.write(CHUNK)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  socket.end();
  const taken = Number(await answer);
  const seconds = (performance.now() - from) / 1_000;
  if (taken !== STREAM_BYTES + 1) throw new Error(`the pod took ${taken} bytes of ${STREAM_BYTES + 1}`);
  return (STREAM_BYTES * 8) / seconds / 1e9;
}

async function roundTrip(port: number): Promise<number> {
  const socket = await open(port);
  const message = Buffer.alloc(64, ECHO);
  const samples: number[] = [];
  for (let at = 0; at < ROUND_TRIPS; at++) {
    const from = performance.now();
    const back = new Promise((resolve) => socket.once('data', resolve));
    socket.write(message);
    await back;
    samples.push((performance.now() - from) * 1_000);
  }
  socket.destroy();
  return median(samples.slice(ROUND_TRIPS / 10));
}

/** Each is open when the pod has answered, and closed then. */
async function dials(port: number): Promise<number> {
  let left = CONNECTIONS;
  const from = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const socket = await open(port);
      socket.write(Buffer.from([ECHO]));
      await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return (CONNECTIONS * 1_000) / (performance.now() - from);
}
