/** v1 Secret over the log: its values are sealed in every entry and snapshot, and in clear only in answers to those who may read them. */
import { type KubeObject, type SealedData, sealedDataSchema, sealedName, type StoredObject } from '@skyflow/contracts';
import { apiObject, createdApiObject } from '@skyflow/domain';
import { StatusError } from '@skyflow/apimachinery';
import { SealError } from '@skyflow/agent-link';
import type { Face } from '../store/face.js';
import type { Keyring } from './keyring.js';

/** kubectl's copy of what was applied, values included. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** On a Secret whose values cannot be shown: why. It cannot be written back. */
const ANNOTATION_UNREADABLE = 'skyflow.io/unreadable';

/** @param keyring undefined: nothing can be written, and nothing in clear be read. */
export function secretFace(keyring: Keyring | undefined): Face {
  const show = (object: KubeObject): KubeObject => opened(object, keyring);
  return {
    kind: 'Secret',
    shows: () => true,
    toApi: (record, basis) => show(apiObject(record, basis) as unknown as KubeObject),
    created: (stored, record, basis) => show(createdApiObject(stored, record, basis) as unknown as KubeObject),
    fromApi: (object) => sealed(object, keyring),
  };
}

function sealed(object: KubeObject, keyring: Keyring | undefined): StoredObject {
  const { data, stringData: _merged, sealed: _given, metadata, ...rest } = object as KubeObject & { data?: object };
  const unreadable = metadata.annotations?.[ANNOTATION_UNREADABLE];
  if (unreadable !== undefined) {
    throw new StatusError(
      409,
      'Conflict',
      `the values of this Secret cannot be read, so it cannot be changed: ${unreadable}`,
    );
  }
  if (keyring === undefined) throw new StatusError(503, 'ServiceUnavailable', NO_KEYRING);
  const { [LAST_APPLIED]: lastApplied, ...annotations } = metadata.annotations ?? {};
  const { annotations: _all, ...others } = metadata;
  const payload = {
    data: (data ?? {}) as Record<string, string>,
    ...(lastApplied === undefined ? {} : { lastApplied }),
  };
  return {
    ...rest,
    metadata: { ...others, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    sealed: keyring.seal(payload, nameOf(object)),
  } as unknown as StoredObject;
}

function opened(object: KubeObject, keyring: Keyring | undefined): KubeObject {
  const { sealed: text, ...rest } = object as KubeObject & { sealed?: unknown };
  const parsed = sealedDataSchema.safeParse(text);
  if (!parsed.success) return unreadable(rest, 'the log holds no sealed values of it');
  if (keyring === undefined) return unreadable(rest, NO_KEYRING);
  try {
    return withValues(rest, parsed.data, keyring);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return unreadable(rest, error.message);
  }
}

function withValues(object: KubeObject, sealedData: SealedData, keyring: Keyring): KubeObject {
  const { data, lastApplied } = keyring.open(sealedData, nameOf(object));
  const { metadata } = object;
  const annotations = {
    ...metadata.annotations,
    ...(lastApplied === undefined ? {} : { [LAST_APPLIED]: lastApplied }),
  };
  return {
    ...object,
    metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
}

/** A list must not fail because one of its members cannot be opened. */
const unreadable = (object: KubeObject, why: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [ANNOTATION_UNREADABLE]: why } },
});

const nameOf = ({ metadata }: KubeObject): string => sealedName(metadata.namespace ?? '', metadata.name);

const NO_KEYRING =
  'this gateway has no keys to seal Secrets with; set SKYFLOW_SEALING_KEYS to a file with a key of 64 hexadecimal digits per line';
