/**
 * All pods of a cluster in one process: whichever of the addresses of its network namespace is called, that one answers.
 * `GET /` → `<cluster> <address>` and the end; anything else is held open, and each line is answered by `<cluster> <address>`.
 *
 *   node pods.mjs CLUSTER PORT
 */
import { createServer } from 'node:net';

const [cluster, port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  const name = `${cluster} ${(socket.localAddress ?? '').replace('::ffff:', '')}\n`;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const text = chunk.toString();
    if (text.startsWith('GET')) socket.end(name);
    else socket.write(name);
  });
  socket.on('end', () => socket.end());
});
server.listen(Number(port), '0.0.0.0', () => console.log('ready'));
