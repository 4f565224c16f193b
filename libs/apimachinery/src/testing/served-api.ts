/** An API server on a free port with the test resources, and a kubeconfig for it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaSet } from '../schema/schema-set.js';
import { ApiServer } from '../server/api-server.js';
import type { ApiServerOptions } from '../server/server-options.js';
import { MemoryBackend } from '../store/memory-backend.js';
import { configMapDefinition, testSchemas, widgetDefinition } from './definitions.js';

/** Time stands still, so that ages are the same in each run. */
const NOW_MS = Date.parse('2026-01-31T12:00:00Z');

export interface ServedApi {
  server: ApiServer;
  url: string;
  kubeconfig: string;
  /** Errors that clients saw only as a request id. */
  unexpected: unknown[];
  close(): Promise<void>;
}

export async function serveTestApi(options: Partial<ApiServerOptions> = {}): Promise<ServedApi> {
  const unexpected: unknown[] = [];
  const server = new ApiServer({
    definitions: [configMapDefinition, widgetDefinition],
    backend: new MemoryBackend(),
    schemas: new SchemaSet(testSchemas),
    nowMs: () => NOW_MS,
    onError: (error) => unexpected.push(error),
    ...options,
  });
  const http = createServer((request, response) => void server.handle(request, response));
  http.on('upgrade', (request, socket, head) => void server.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const directory = await mkdtemp(join(tmpdir(), 'skyflow-api-'));
  const kubeconfig = join(directory, 'config');
  await writeFile(kubeconfig, kubeconfigFor(url));
  return {
    server,
    url,
    kubeconfig,
    unexpected,
    close: async () => {
      server.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'default' } }],
  });
}
