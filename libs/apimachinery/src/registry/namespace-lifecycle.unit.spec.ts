import { describe, expect, it } from '@jest/globals';
import type { ResourceDefinition } from '../api/definition.js';
import { LocalClient } from '../client/local-client.js';
import { SchemaSet } from '../schema/schema-set.js';
import { MemoryBackend } from '../store/memory-backend.js';
import { configMapDefinition, testSchemas } from '../testing/definitions.js';
import { Api } from './api.js';
import { namespaceLifecycle } from './namespace-lifecycle.js';

describe('the namespace lifecycle', () => {
  const namespaces: ResourceDefinition = {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    singular: 'namespace',
    namespaced: false,
    schema: { type: 'object' },
    schemaName: 'io.k8s.api.core.v1.Namespace',
  };
  const backend = new MemoryBackend();
  const api = new Api({
    definitions: [namespaces, configMapDefinition],
    backend,
    schemas: new SchemaSet(testSchemas),
    admission: [namespaceLifecycle({ definition: namespaces, store: backend.storeOf(namespaces) })],
  });
  const client = new LocalClient(api, 'test');
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'team' } };

  it('lets nothing into a namespace that is not there or is going away', async () => {
    const configMaps = client.for(configMapDefinition);
    await expect(configMaps.create(configMap)).rejects.toMatchObject({
      code: 404,
      message: 'namespaces "team" not found',
    });
    const metadata = { name: 'team', finalizers: ['example.io/keep'] };
    await client.for(namespaces).create({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await configMaps.create(configMap);
    await client.for(namespaces).delete({ name: 'team' });
    const late = configMaps.create({ ...configMap, metadata: { ...configMap.metadata, name: 'd' } });
    await expect(late).rejects.toMatchObject({ code: 403, details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  });
});
