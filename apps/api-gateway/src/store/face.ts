/** How a stored kind is shown as a served resource: as it is, or as the native kind that it stands for. */
import type { KubeObject, StoredObject } from '@skyflow/contracts';
import {
  type ObjectRecord,
  type StatusBasis,
  apiObject,
  createdApiObject,
  deploymentFromNative,
  deploymentToNative,
  jobFromNative,
  jobToNative,
  serviceFromNative,
  serviceToNative,
  withRevision,
  withoutRevision,
} from '@skyflow/domain';

export interface Face {
  /** Kind in the log. */
  readonly kind: string;
  /** Whether the resource has this object at all. */
  shows(record: ObjectRecord): boolean;
  toApi(record: ObjectRecord, basis: StatusBasis): KubeObject;
  fromApi(object: KubeObject): StoredObject;
  /** What of the stored object an update by a client does not see and does not change. */
  keep?(stored: StoredObject, before: ObjectRecord | undefined): StoredObject;
  /** What a create of `stored` answers with; shares its parts. */
  created(stored: StoredObject, record: ObjectRecord, basis: StatusBasis): KubeObject;
}

type Converted = ReturnType<typeof deploymentToNative>;
const asKube = (object: Converted): KubeObject => object as unknown as KubeObject;
const asConverted = (object: KubeObject): Converted => object as unknown as Converted;

/** The object as the log has it. */
export const plainFace = (kind: string): Face => ({
  kind,
  shows: () => true,
  toApi: (record, basis) => asKube(apiObject(record, basis)),
  fromApi: (object) => object as unknown as StoredObject,
  created: (stored, record, basis) => asKube(createdApiObject(stored, record, basis)),
});

/** apps/v1 Deployment. */
export const deploymentFace: Face = {
  kind: 'Deployment',
  shows: () => true,
  toApi: (record, basis) => asKube(numbered(deploymentToNative(apiObject(record, basis)), record)),
  fromApi: (object) => deploymentFromNative(withoutRevision(asConverted(object))) as unknown as StoredObject,
  created: (stored, record, basis) =>
    asKube(numbered(deploymentToNative(createdApiObject(stored, record, basis)), record)),
};

const numbered = (object: Converted, { workload }: ObjectRecord): Converted =>
  withRevision(object, workload?.templates?.revision ?? 1);

/** batch/v1 Job: those that end. */
export const jobFace: Face = {
  kind: 'Job',
  shows: (record) => record.workload?.facts.native === 'Job',
  toApi: (record, basis) => asKube(jobToNative(apiObject(record, basis), record.workload)),
  fromApi: (object) => jobFromNative(asConverted(object)) as unknown as StoredObject,
  created: (stored, record, basis) => asKube(jobToNative(createdApiObject(stored, record, basis), record.workload)),
};

/** v1 Namespace. */
export const namespaceFace: Face = {
  ...plainFace('Namespace'),
  toApi: (record, basis) => asNativeNamespace(asKube(apiObject(record, basis))),
  created: (stored, record, basis) => asNativeNamespace(asKube(createdApiObject(stored, record, basis))),
  fromApi: ({ spec: _spec, ...object }) => ({ ...object, apiVersion: 'skyflow.io/v1' }) as unknown as StoredObject,
};

const asNativeNamespace = (object: KubeObject): KubeObject => ({
  ...object,
  apiVersion: 'v1',
  spec: { finalizers: ['kubernetes'] },
});

/** v1 Service. */
export const serviceFace: Face = {
  kind: 'Service',
  shows: () => true,
  toApi: (record, basis) => asKube(serviceToNative(apiObject(record, basis))),
  fromApi: (object) => serviceFromNative(asConverted(object)) as unknown as StoredObject,
  created: (stored, record, basis) => asKube(serviceToNative(createdApiObject(stored, record, basis))),
};

/** Kinds with a `secret` that is in the log only: nobody reads it, and no client writes it. */
export const accountFace = (kind: string): Face => ({
  ...plainFace(kind),
  toApi: (record, basis) => withoutSecret(asKube(apiObject(record, basis))),
  created: (stored, record, basis) => withoutSecret(asKube(createdApiObject(stored, record, basis))),
  fromApi: (object) => withoutSecret(object) as unknown as StoredObject,
  keep: (stored, before) => {
    const secret = before === undefined ? undefined : (JSON.parse(before.body) as { secret?: unknown }).secret;
    return secret === undefined ? stored : { ...stored, secret };
  },
});

function withoutSecret({ secret: _secret, ...object }: KubeObject): KubeObject {
  return object;
}
