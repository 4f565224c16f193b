/**
 * A gateway in the test's own process: the real API machinery over memory, with SkyFlow's kinds in simple, and whatever status a
 * test gives its objects. Tests of what skyctl shows need no scheduler for that; the real gateway is tested beside it.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiServer, MemoryBackend, SchemaSet } from '@skyflow/apimachinery';
import type { ResourceDefinition } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { testSchemas } from '@skyflow/apimachinery/testing';
import { standInDefinitions, standInSchemas } from './stand-in-definitions.js';

export const TOKEN = 'secret-of-the-test';

export interface StandIn {
  url: string;
  /** Requests as `METHOD path?query`, oldest first. */
  requests: string[];
  /** Answers instead of the API where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  put(object: Partial<KubeObject> & { kind: string; status?: unknown }): Promise<void>;
  setStatus(kind: string, name: string, status: unknown): Promise<void>;
  /** Merges into the spec, as somebody else. */
  setSpec(kind: string, name: string, spec: object): Promise<void>;
  /** Cuts every connection, watches too. */
  dropConnections(): void;
  close(): Promise<void>;
}

export async function startStandIn(): Promise<StandIn> {
  const api = new ApiServer({
    definitions: standInDefinitions,
    backend: new MemoryBackend(),
    schemas: new SchemaSet({ ...testSchemas, ...standInSchemas }),
    authenticate: ({ headers }) =>
      headers.authorization === `Bearer ${TOKEN}` ? { name: 'tester', groups: [] } : undefined,
  });
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (!standIn.intercept(request, response)) void api.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clientFor = (kind: string) => api.client('test').for(definitionOf(kind));
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    intercept: () => false,
    async put({ status, ...object }) {
      const definition = definitionOf(object.kind);
      const namespace = definition.namespaced ? { namespace: 'default' } : {};
      const metadata = { ...namespace, ...object.metadata, name: object.metadata?.name ?? '' };
      const whole = { apiVersion: apiVersionOf(definition), ...object, metadata };
      await clientFor(object.kind).create(whole);
      if (status !== undefined) await standIn.setStatus(object.kind, metadata.name, status);
    },
    async setStatus(kind, name, status) {
      const client = clientFor(kind);
      const key = definitionOf(kind).namespaced ? { namespace: 'default', name } : { name };
      const object = await client.get(key);
      if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
      await client.updateStatus({ ...object, status });
    },
    async setSpec(kind, name, spec) {
      await clientFor(kind).patch({ namespace: 'default', name }, 'merge', { spec });
    },
    dropConnections() {
      server.closeAllConnections();
    },
    async close() {
      api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await standIn.put({ kind: 'Namespace', metadata: { name: 'default' } });
  return standIn;
}

function definitionOf(kind: string): ResourceDefinition {
  const definition = standInDefinitions.find((candidate) => candidate.kind === kind);
  if (definition === undefined) throw new Error(`the stand-in has no kind ${kind}`);
  return definition;
}

const apiVersionOf = ({ group, version }: ResourceDefinition): string =>
  group === '' ? version : `${group}/${version}`;
