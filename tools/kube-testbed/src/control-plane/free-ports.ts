/** Ports on loopback that nobody listens on. Between asking and using one another program may take it: starting again helps. */
import getPort from 'get-port';

/** That many different ports. */
export const freePorts = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, () => getPort({ host: '127.0.0.1' })));
