/** B24: what telemetry costs. Two gateways, each with its own log, one of them with a collector; they get the same load in turns. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ControlPlane } from '../control-plane.js';
import { cpuSeconds } from '../processes.js';
import type { Suite } from '../row.js';
import { load } from './creates.js';

const CONNECTIONS = 64;
const ROUNDS = 8;
const ROUND_SECONDS = 4;

export const telemetry: Suite = {
  budgets: [
    {
      id: 'B24a',
      name: 'telemetry over OTLP: more CPU of the gateway per create',
      unit: '%',
      better: 'lower',
      floor: 5,
      aim: 3,
    },
    { id: 'B24b', name: 'telemetry over OTLP: fewer creates per second', unit: '%', better: 'lower', floor: 5, aim: 3 },
  ],
  async run(report, say) {
    const collector = await Collector.start();
    const plain = await ControlPlane.start({ syncAlways: true });
    const traced = await ControlPlane.start({ syncAlways: true });
    try {
      await plain.startService('api-gateway');
      await traced.startService('api-gateway', undefined, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
      say('B24: warming up');
      for (const plane of [plain, traced]) await load(plane, 'warm', CONNECTIONS, ROUND_SECONDS, 1);
      const rounds: { plain: Turn; traced: Turn }[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        say(`B24: turn ${round + 1} of ${ROUNDS}`);
        // Who is first has the quieter disk: in turns.
        const order = round % 2 === 0 ? [plain, traced] : [traced, plain];
        const turns = new Map<ControlPlane, Turn>();
        for (const plane of order) turns.set(plane, await turn(plane, `r${round}`));
        rounds.push({ plain: turns.get(plain) as Turn, traced: turns.get(traced) as Turn });
      }
      const total = (who: 'plain' | 'traced', of: (turn: Turn) => number): number =>
        rounds.reduce((sum, each) => sum + of(each[who]), 0);
      const cost = (who: 'plain' | 'traced'): number =>
        total(who, (turn) => turn.cpuSeconds) / total(who, (turn) => turn.creates);
      const rate = (who: 'plain' | 'traced'): number => total(who, (turn) => turn.perSecond) / ROUNDS;
      /** What the machine's own noise makes of it: how far single turns lie apart. */
      const spread = (of: (turn: Turn) => number): string => {
        const ratios = rounds.map((each) => (of(each.traced) / of(each.plain) - 1) * 100);
        return `single turns from ${Math.min(...ratios).toFixed(0)} to ${Math.max(...ratios).toFixed(0)} %`;
      };
      report('B24a', {
        value: (cost('traced') / cost('plain') - 1) * 100,
        note: `${(cost('plain') * 1e6).toFixed(0)} µs without, ${(cost('traced') * 1e6).toFixed(0)} µs with, over ${ROUNDS} turns of each (${spread((turn) => turn.cpuSeconds / turn.creates)}); ${collector.requests} exports of ${Math.round(collector.bytes / 1_024)} KiB`,
      });
      report('B24b', {
        value: (1 - rate('traced') / rate('plain')) * 100,
        note: `${rate('plain').toFixed(0)}/s without, ${rate('traced').toFixed(0)}/s with (${spread((turn) => turn.perSecond)})`,
      });
    } finally {
      await Promise.all([plain.stop(), traced.stop()]);
      collector.close();
    }
  },
};

interface Turn {
  creates: number;
  perSecond: number;
  /** Of the gateway. */
  cpuSeconds: number;
}

async function turn(plane: ControlPlane, prefix: string): Promise<Turn> {
  const pid = plane.pidOf('api-gateway');
  const before = cpuSeconds(pid);
  const from = performance.now();
  const perSecond = await load(plane, prefix, CONNECTIONS, ROUND_SECONDS, 1);
  const creates = (perSecond * (performance.now() - from)) / 1_000;
  return { creates, perSecond, cpuSeconds: cpuSeconds(pid) - before };
}

/** Takes what comes and keeps nothing. */
class Collector {
  requests = 0;
  bytes = 0;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      collector.requests += 1;
      request.on('data', (chunk: Buffer) => (collector.bytes += chunk.length));
      request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
    });
    const collector = new Collector(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
