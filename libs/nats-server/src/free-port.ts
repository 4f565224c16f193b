/** Ports for servers that are told where to listen. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const LOWEST_PORT = 20_000;
/** Node ports of a Kubernetes on this machine begin here. */
const END = 30_000;
/** Who asked may not listen on it yet. */
const given = new Set<number>();

/**
 * A port that stays free while nobody listens on it: below those that the system gives to connections and to listeners that ask for any
 * (net.ipv4.ip_local_port_range), of which a control plane takes hundreds. A process gets none twice.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST_PORT, END);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port, host)) return port;
  }
}

/** Whether a server could listen there now. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
