/**
 * Records a log with an object of every kind that the API takes, written in the ways that it takes: created, with an idempotency key,
 * patched, applied, as a native kind, deleted with and without finalizers. A gateway alone: nothing is placed.
 * `node tests/recorded-logs/record-kinds.mjs FILE` (build first).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, URL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { startNatsFixture } from '@skyflow/nats-server/testing';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('say where: tests/recorded-logs/v0.1/kinds.log.gz');
const root = fileURLToPath(new URL('../../', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'skyflow-record-'));
const TOKEN = 'token-of-the-recording';
// The key that gateways of tests have, so that they can read the Secrets.
const keys = join(home, 'sealing.keys');
writeFileSync(keys, 'ab'.repeat(32));

const nats = await startNatsFixture();
const gateway = spawn(process.execPath, [join(root, 'apps/api-gateway/dist/main.js')], {
  env: {
    PATH: process.env.PATH,
    SKYFLOW_NATS_URL: nats.url,
    SKYFLOW_HTTP_PORT: '0',
    SKYFLOW_HEALTH_PORT: '0',
    SKYFLOW_TOKEN: TOKEN,
    SKYFLOW_SEALING_KEYS: keys,
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});

async function portOf() {
  for await (const line of createInterface({ input: gateway.stdout })) {
    const port = /"port":(\d+)/.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error('the gateway ended before it served');
}

try {
  const url = `http://127.0.0.1:${await portOf()}`;
  const ask = async (method, path, body, headers = {}) => {
    const response = await globalThis.fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // Another face of an object that is there already.
    if (response.status >= 400 && response.status !== 409) throw new Error(`${method} ${path}: ${text}`);
    return { status: response.status, text };
  };
  const { paths } = JSON.parse((await ask('GET', '/openapi.json')).text);
  for (const [template, { post }] of Object.entries(paths)) {
    if (!post?.operationId?.startsWith('create') || /authoriz|authentic/.test(template)) continue;
    const example = post.requestBody.content['application/json'].example;
    const path = template.replace('{namespace}', 'default');
    const { status } = await ask('POST', `${path}?allowMoves=all`, example, {
      'idempotency-key': `key-${post.operationId}`,
    });
    if (status !== 201) continue;
    console.log(path);
    const one = `${path}/${example.metadata.name}`;
    const merge = { 'content-type': 'application/merge-patch+json' };
    await ask('PATCH', `${one}?allowMoves=all`, { metadata: { labels: { recorded: 'true' } } }, merge);
    const applied = {
      apiVersion: example.apiVersion,
      kind: example.kind,
      metadata: { name: example.metadata.name, annotations: { applied: 'yes' } },
    };
    const apply = { 'content-type': 'application/apply-patch+yaml' };
    await ask('PATCH', `${one}?fieldManager=recorder&force=true&allowMoves=all`, applied, apply);
  }
  const maps = '/api/v1/namespaces/default/configmaps';
  const map = (name, more = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more } });
  for (const name of ['gone', 'again']) {
    await ask('POST', maps, map(name));
    await ask('DELETE', `${maps}/${name}`);
  }
  await ask('POST', maps, map('again'));
  await ask('POST', maps, map('kept', { finalizers: ['example.com/keep'] }));
  await ask('DELETE', `${maps}/kept`);
  const { text } = await ask('GET', '/log?form=stored');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ seq, subject, storedAt, data }) => JSON.stringify({ seq, subject, storedAt, commit: JSON.parse(data) }));
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
  console.log(`${lines.length} commits in ${file}`);
} finally {
  gateway.kill('SIGTERM');
  if (gateway.exitCode === null && gateway.signalCode === null) await once(gateway, 'exit');
  await nats.stop();
  rmSync(home, { recursive: true, force: true });
}
