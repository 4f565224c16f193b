/**
 * Connections of other clusters to pods of this one. Deny by default: a route is carried only to a pod that the configuration names,
 * for a cluster that it names; the answer comes before any byte of data.
 */
import { randomInt } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { GatewayExport } from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import type { Limits } from '../limits.js';
import type { Traffic } from '../relay/traffic.js';
import { ANY_POD, type Asked, type Refusal, type Route } from '../route.js';

export interface IngressOptions {
  limits: Limits;
  traffic: Traffic;
  logger: Logger;
}

export class Ingress {
  private exports = new Map<string, GatewayExport>();

  constructor(private readonly options: IngressOptions) {}

  configure(exports: readonly GatewayExport[]): void {
    this.exports = new Map(exports.map((each) => [each.service, each]));
  }

  /** @param cluster whose certificate whoever asks has shown. */
  async answer(asked: Asked, cluster: string): Promise<void> {
    const { traffic, logger } = this.options;
    const { route } = asked;
    const { service, pod } = route;
    const found = this.find(cluster, route);
    const outcome = 'verdict' in found ? found : await this.dial(found.place);
    if ('verdict' in outcome) {
      const { verdict, detail } = outcome;
      // Names that a stranger made up would fill the book.
      if (this.exports.has(service)) traffic.pair('in', cluster, service).refused += 1;
      logger.warn({ peer: cluster, service, pod, verdict, detail }, 'a connection of another cluster is refused');
      asked.refuse(outcome);
      return;
    }
    const { socket } = outcome;
    if (asked.isGone) {
      socket.destroy();
      return;
    }
    const carriage = asked.accept();
    if (route.probe === true) {
      socket.destroy();
      return;
    }
    traffic.pair('in', cluster, service).carry(socket);
    await carriage.carry(socket);
  }

  private find(cluster: string, { service, port, pod }: Route): { place: string } | Refusal {
    const { limits, traffic } = this.options;
    const exported = this.exports.get(service);
    // The same answer for what is not there and what is not for this cluster: it learns nothing of what there is.
    if (exported?.to.includes(cluster) !== true) {
      return { verdict: 'NOT_EXPORTED', detail: `no service ${service} is open to ${cluster}` };
    }
    const place =
      pod === ANY_POD ? anyPlace(exported, port) : exported.pods.find(({ uid }) => uid === pod)?.ports[port];
    if (place === undefined) {
      return { verdict: 'NO_POD', detail: `${exported.name} has no pod ${pod} with port "${port}" here` };
    }
    if (traffic.openWith('in', cluster) >= limits.mostOpen) {
      return { verdict: 'OVERLOAD', detail: `${limits.mostOpen} connections of ${cluster} are open` };
    }
    return { place };
  }

  private dial(place: string): Promise<{ socket: Socket } | Refusal> {
    const { podDialMs } = this.options.limits;
    const at = place.lastIndexOf(':');
    return new Promise((resolve) => {
      const socket = connect({
        host: place.slice(0, at).replace(/^\[|\]$/g, ''),
        port: Number(place.slice(at + 1)),
        allowHalfOpen: true,
        noDelay: true,
      });
      const fail = (why: string): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve({ verdict: 'DIAL_FAIL', detail: `cannot connect to ${place}: ${why}` });
      };
      const timer = setTimeout(() => fail(`no answer within ${podDialMs} ms`), podDialMs);
      const onError = (error: NodeJS.ErrnoException): void => fail(error.code ?? error.message);
      socket.once('error', onError);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('error', onError);
        resolve({ socket });
      });
    });
  }
}

function anyPlace({ pods }: GatewayExport, port: string): string | undefined {
  const places = pods.flatMap(({ ports }) => ports[port] ?? []);
  return places.length === 0 ? undefined : places[randomInt(places.length)];
}
