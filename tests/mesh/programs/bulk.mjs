/**
 * Many bytes over one connection to the service, with their SHA-256 at both ends.
 *
 *   node bulk.mjs '{"host": "10.43.0.10", "port": 80, "bytes": 1073741824, "way": "put"}'
 *
 * `put` sends, ends its side and is told what arrived: half-closed, it still gets the answer. `take` gets them. `stall` takes them too, but
 * says "stalled" and reads nothing until its stdin ends. Prints {"here": "<sha>", "there": "<sha> <bytes>", "ms": n}.
 */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { pattern } from './pattern.mjs';

const { host, port, bytes, way } = JSON.parse(process.argv[2]);
const startedAt = performance.now();
const socket = connect({ host, port, allowHalfOpen: true });
await once(socket, 'connect');
const { SKYFLOW_MESH_COUNTS: counts } = process.env;
if (counts !== undefined) appendFileSync(counts, `${JSON.stringify({ made: 1, failed: {} })}\n`);
const result = way === 'put' ? await put() : await take();
console.log(JSON.stringify({ ...result, ms: performance.now() - startedAt }));
process.exit(0);

async function put() {
  socket.write('PUT\n');
  // The pod has read the line when it says so: what follows is data.
  await once(socket, 'data');
  const hash = createHash('sha256');
  for (const block of pattern(bytes)) {
    hash.update(block);
    if (!socket.write(block)) await once(socket, 'drain');
  }
  socket.end();
  let there = '';
  for await (const chunk of socket) there += chunk;
  return { here: hash.digest('hex'), there: there.trim() };
}

async function take() {
  socket.write(`TAKE ${bytes}\n`);
  if (way === 'stall') {
    console.log('stalled');
    process.stdin.resume();
    await once(process.stdin, 'end');
  }
  const hash = createHash('sha256');
  let count = 0;
  for await (const chunk of socket) {
    hash.update(chunk);
    count += chunk.length;
  }
  const wanted = createHash('sha256');
  for (const block of pattern(bytes)) wanted.update(block);
  return { here: hash.digest('hex'), there: `${wanted.digest('hex')} ${count}` };
}
