/**
 * Makes connections, each of which says who answered, and counts them.
 *
 *   node client.mjs '{"host": "10.43.0.10", "port": 80, "count": 4000, "workers": 8, "from": ["10.42.0.1"]}'
 *
 * Prints {"answers": {"<cluster> <address>": n}, "byClient": {"<from>": {…}}, "failed": {"<code>": n}, "ms": n}.
 * With "forMs": n instead of "count" it makes them for so long. "cut" lists the first failures with their times, ms since the epoch.
 * With "hold": true it opens `count` connections, says a line on each every 100 ms until its stdin ends, and counts those that were reset,
 * and those that are there and get no answer at the end.
 * Where SKYFLOW_MESH_COUNTS names a file, a line with what it made and what failed is added to it (tests/support/mesh-stress).
 */
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const { host, port, count, forMs, workers = 8, from = [undefined], hold = false } = JSON.parse(process.argv[2]);
const result = { answers: {}, byClient: {}, failed: {}, cut: [], made: count ?? 0, ms: 0 };
/** Failures that are listed one by one. */
const MOST_CUT = 1_000;
/** Of a connection that was kept. */
const LAST_ANSWER_MS = 15_000;
const add = (book, key) => (book[key] = (book[key] ?? 0) + 1);

if (hold) await holdOpen();
else await askMany();
record();
console.log(JSON.stringify(result));
process.exit(0);

async function askMany() {
  const startedAt = performance.now();
  let next = 0;
  const worker = async () => {
    while (forMs === undefined ? next < count : performance.now() - startedAt < forMs) {
      const beganAt = Date.now();
      const localAddress = from[next++ % from.length];
      const outcome = await ask(localAddress);
      if (outcome.error !== undefined) {
        add(result.failed, outcome.error);
        if (result.cut.length < MOST_CUT) result.cut.push({ error: outcome.error, beganAt, endedAt: Date.now() });
      } else {
        add(result.answers, outcome.answer);
        add((result.byClient[localAddress ?? ''] ??= {}), outcome.answer);
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  result.made = next;
  result.ms = performance.now() - startedAt;
}

/** Connections that were made, and those that failed. */
function record() {
  const { SKYFLOW_MESH_COUNTS: file } = process.env;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ made: result.made, failed: result.failed })}\n`);
}

function ask(localAddress) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    socket.setTimeout(20_000, () => socket.destroy(new Error('timeout')));
    socket.on('connect', () => socket.write('GET /\n'));
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('error', (error) => resolve({ error: error.code ?? error.message }));
    socket.on('close', () => resolve(answer === '' ? { error: 'nothing' } : { answer: answer.trim() }));
  });
}

async function holdOpen() {
  const names = new Map();
  /** Of which something is to be heard yet. */
  const waiting = new Set();
  const sockets = Array.from({ length: count }, () => {
    const [localAddress] = from;
    const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
    let who;
    socket.on('error', (error) => add(result.failed, `${error.code} ${who ?? ''}`.trim()));
    socket.on('data', (chunk) => {
      const said = chunk.toString().split('\n')[0];
      if (who === undefined) add(result.answers, said);
      who ??= said;
      waiting.delete(socket);
    });
    socket.on('close', () => waiting.delete(socket));
    names.set(socket, () => who);
    return socket;
  });
  let isOver = false;
  process.stdin.on('end', () => (isOver = true)).resume();
  let isTold = false;
  while (!isOver) {
    for (const socket of sockets) if (!socket.destroyed) socket.write('still there?\n');
    await delay(100);
    if (!isTold && Object.values(result.answers).reduce((sum, each) => sum + each, 0) === count) {
      isTold = true;
      console.log('open');
    }
  }
  // Answers to earlier lines are on their way yet: what has been said by now is heard within this time.
  await delay(500);
  for (const socket of sockets) if (!socket.destroyed) waiting.add(socket);
  for (const socket of waiting) socket.write('and now?\n');
  const until = performance.now() + LAST_ANSWER_MS;
  while (waiting.size > 0 && performance.now() < until) await delay(50);
  for (const socket of waiting) add(result.failed, `no answer ${names.get(socket)() ?? ''}`.trim());
}
