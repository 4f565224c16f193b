/** The stores over a log, as the contract suite of stores wants them. */
import { type ResourceDefinition, apiVersionOf } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { type BackendFixture, configMapDefinition, widgetDefinition } from '@skyflow/apimachinery/testing';
import type { EventLog } from '@skyflow/event-log';
import { Gateway } from '../gateway.js';
import { LogBackend } from '../store/log-backend.js';
import { pastChanges } from '../store/past-changes.js';

const alive = { nowMs: 0, lastHeartbeatMs: () => 0, listeningSinceMs: 0, staleAfterMs: 1 };

function object(definition: ResourceDefinition, name: string, n = 0): KubeObject {
  return {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${definition.kind}-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(definition.tracksGeneration === false ? {} : { generation: 1 }),
    },
    ...(definition.kind === 'Widget' ? { spec: { size: 'small', replicas: n } } : { data: { n: String(n) } }),
  };
}

export async function openLogFixture(log: EventLog, close: () => Promise<void>): Promise<BackendFixture> {
  const gateway = new Gateway({
    log,
    heartbeats: { liveness: () => alive, isConnected: true },
    writer: 'test/1',
    tokens: [],
    audit: () => undefined,
    notReady: () => undefined,
    onError: () => undefined,
    warn: () => undefined,
    agents: { nats: { url: 'nats://127.0.0.1:4222' } },
  });
  await gateway.start();
  await gateway.model.waitForSeq(1);
  const { model, commands } = gateway;
  return {
    backend: new LogBackend({ model, sink: commands, history: pastChanges(log, model) }),
    definitions: [widgetDefinition, configMapDefinition],
    object,
    close: async () => {
      await gateway.close();
      await close();
    },
  };
}
