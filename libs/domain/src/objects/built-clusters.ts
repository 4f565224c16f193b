/** Clusters that SkyFlow builds, as the read model knows them: by the finalizer that keeps them until they are taken down. */
import { FINALIZER_PROVISIONER } from '@skyflow/contracts';
import { type ObjectRecord, readMeta } from './object-record.js';

export const isBuiltBySkyFlow = ({ kind, meta }: ObjectRecord): boolean =>
  kind === 'Cluster' && meta.includes(`"${FINALIZER_PROVISIONER}"`);

/** `ObjectRecord.meta` once nothing is left of the machines; finalizers of others stay. */
export function withoutOurFinalizer(record: ObjectRecord): string {
  const { finalizers = [], ...rest } = readMeta(record);
  const others = finalizers.filter((finalizer) => finalizer !== FINALIZER_PROVISIONER);
  const meta = JSON.stringify(others.length === 0 ? rest : { ...rest, finalizers: others });
  return meta === '{}' ? '' : meta;
}
