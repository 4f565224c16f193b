/** How one endpoint of another cluster is tried: at its own address, or through the gateways up to the pod. */
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { AssignedEndpoint, Plane } from '@skyflow/contracts';
import type { GatewaySide } from './gateway/gateway-side.js';

export interface Attempt {
  place: string;
  ms: number;
  error: string | undefined;
}

export interface ProbeBy {
  /** Over which they are tried: what proves one plane proves nothing of the other. */
  plane: Plane;
  /** Whether an address means something else in this cluster: then the other cluster's cannot be used. */
  clashes: (address: string) => boolean;
  attempt: (endpoint: AssignedEndpoint) => Promise<Attempt>;
  /** The way alone, for when no pod is ready; undefined: nothing can be said of it. */
  way: (endpoints: readonly AssignedEndpoint[]) => Promise<Attempt | undefined>;
}

const CONNECT_MS = 1_000;
/** Through two gateways, up to the pod; clients are patient for longer, but a path that takes this long is none. */
const ANSWER_MS = 1_500;

/** @param isLocal whether an address is a pod here. */
export const flatProbe = (isLocal: (address: string) => boolean): ProbeBy => ({
  plane: 'flat',
  clashes: isLocal,
  attempt: tryConnect,
  // Whoever refuses a connection has been reached.
  way: async ([first]) => {
    if (first === undefined || first.ports.length === 0) return undefined;
    const attempt = await tryConnect(first);
    return attempt.error === 'ECONNREFUSED' ? { ...attempt, error: undefined } : attempt;
  },
});

/** Nothing of the other cluster's addresses is used here, so nothing can clash. */
export const gatewayProbe = (gateway: GatewaySide, source: string): ProbeBy => ({
  plane: 'gateway',
  clashes: () => false,
  way: async () => {
    const place = `the gateway of ${source}`;
    const peer = (await gateway.refresh())?.peers.find(({ cluster }) => cluster === source);
    if (peer === undefined) return { place, ms: 0, error: 'the gateway of this cluster does not know it yet' };
    const { state, rttMs = 0, message } = peer;
    // Nobody goes there as long as there are no pods.
    if (state === 'idle') return undefined;
    return { place, ms: rttMs, error: state === 'up' ? undefined : (message ?? 'there is no session to it') };
  },
  attempt: async ({ pod, leases = [] }) => {
    const place = `${pod} through the gateway of ${source}`;
    const { address } = gateway;
    const [lease] = leases;
    if (address === undefined || lease === undefined) {
      return { place, ms: 0, error: 'the gateway of this cluster is not running' };
    }
    try {
      const late = setTimeout(ANSWER_MS, undefined, { ref: false });
      const answer = await Promise.race([gateway.probe(address, lease.port), late]);
      if (answer === undefined) return { place, ms: ANSWER_MS, error: `no answer within ${ANSWER_MS} ms` };
      const { verdict, ms, message } = answer;
      return { place, ms, error: verdict === 'OK' ? undefined : message };
    } catch (error) {
      return { place, ms: 0, error: (error as Error).message };
    }
  },
});

function tryConnect({ address, ports }: AssignedEndpoint): Promise<Attempt> {
  const tcp = ports.find(({ protocol }) => protocol === 'TCP');
  const port = (tcp ?? ports[0])?.port ?? 0;
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (error: string | undefined): void => {
      socket.destroy();
      resolve({ place, ms: performance.now() - startedAt, error });
    };
    socket.setTimeout(CONNECT_MS, () => end(`no answer within ${CONNECT_MS} ms`));
    socket.once('connect', () => end(undefined));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      // Nothing answers a datagram for sure; a pod that refuses a connection has been reached all the same.
      if (tcp === undefined && code === 'ECONNREFUSED') end(undefined);
      else end(code ?? message);
    });
  });
}
