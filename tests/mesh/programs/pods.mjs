/**
 * All pods of a cluster in one process: whichever of the addresses of its network namespace is called, that one answers.
 * `GET /` → `<cluster> <address>` and the end. `PUT` → `ready`, then what follows up to its end is hashed: `<sha-256> <bytes>`.
 * `TAKE n` → n bytes of the pattern and the end. Anything else is held open, and each line is answered by `<cluster> <address>`.
 *
 *   node pods.mjs CLUSTER PORT
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { pattern } from './pattern.mjs';

const [cluster, port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const name = `${cluster} ${(socket.localAddress ?? '').replace('::ffff:', '')}\n`;
  socket.on('error', () => undefined);
  let isBulk = false;
  socket.on('data', (chunk) => {
    if (isBulk) return;
    const text = chunk.toString();
    if (text.startsWith('GET')) socket.end(name);
    else if (text.startsWith('PUT')) {
      isBulk = true;
      void receive(socket);
    } else if (text.startsWith('TAKE')) {
      isBulk = true;
      void send(socket, Number(text.split(' ')[1]));
    } else socket.write(name);
  });
  socket.on('end', () => {
    if (!isBulk) socket.end();
  });
});
server.listen(Number(port), '0.0.0.0', () => console.log('ready'));

async function receive(socket) {
  const hash = createHash('sha256');
  let bytes = 0;
  socket.on('data', (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  socket.once('end', () => socket.end(`${hash.digest('hex')} ${bytes}\n`));
  socket.write('ready\n');
}

async function send(socket, bytes) {
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  for (const block of pattern(bytes)) {
    if (socket.destroyed) return;
    if (!socket.write(block)) await once(socket, 'drain', { signal: closed.signal }).catch(() => undefined);
  }
  socket.end();
}
