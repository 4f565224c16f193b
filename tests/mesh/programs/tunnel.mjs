/**
 * Lets what runs in a network namespace reach ports on loopback outside of it: sockets that are files are the same in all of them.
 *
 *   node tunnel.mjs '[{"port": 6443, "socket": "/tmp/…/api.sock"}]'
 */
import { connect, createServer } from 'node:net';

const ways = JSON.parse(process.argv[2]);
await Promise.all(
  ways.map(
    ({ port, socket }) =>
      new Promise((resolve) => {
        const server = createServer((inside) => {
          const outside = connect(socket);
          for (const [one, other] of [
            [inside, outside],
            [outside, inside],
          ]) {
            one.on('error', () => other.destroy());
            one.pipe(other);
          }
        });
        server.listen(port, '127.0.0.1', resolve);
      }),
  ),
);
console.log('ready');
