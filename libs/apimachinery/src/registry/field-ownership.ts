/** When managedFields are kept: always, or only where server-side apply has begun to. */
import type { KubeObject } from '../api/objects.js';
import type { WriteOptions } from '../api/request-options.js';
import type { ResourceSetup } from './resource-setup.js';

export interface OwnedChange {
  /** Absent on create. */
  old?: KubeObject;
  /** What is to be stored; its managedFields are set. */
  updated: KubeObject;
  options: WriteOptions;
  subresource?: string;
  nowMs: number;
}

/** Notes in `updated.metadata.managedFields` which fields the writer has set. */
export function recordManager(setup: ResourceSetup, { old, updated }: OwnedChange): void {
  const kept = old?.metadata.managedFields ?? [];
  if (setup.managedFields === 'apply-only' && kept.length === 0) delete updated.metadata.managedFields;
}
