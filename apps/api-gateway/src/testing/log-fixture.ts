/** The stores over a log, as the contract suite of stores wants them. */
import { type ResourceDefinition, apiVersionOf } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { type BackendFixture, configMapDefinition, widgetDefinition } from '@skyflow/apimachinery/testing';
import type { EventLog } from '@skyflow/event-log';
import { NestFactory } from '@nestjs/core';
import { OptionsModule } from '../gateway-options.js';
import { FoldedLog } from '../store/folded-log.js';
import { LogBackend } from '../store/log-backend.js';
import { LogStoreParts } from '../store/log-store.js';
import { StoreModule } from '../store/store.module.js';

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
  const heartbeats = { liveness: () => alive, isConnected: true };
  const store = OptionsModule.with({ log, heartbeats, writer: 'test/1', warn: () => undefined });
  const application = await NestFactory.createApplicationContext(
    { module: StoreModule, imports: [store] },
    { logger: false, abortOnError: false },
  );
  await application.get(FoldedLog).start();
  const parts = application.get(LogStoreParts);
  await parts.model.waitForSeq(1);
  return {
    backend: new LogBackend(parts),
    definitions: [widgetDefinition, configMapDefinition],
    object,
    close: async () => {
      await application.close();
      await close();
    },
  };
}
