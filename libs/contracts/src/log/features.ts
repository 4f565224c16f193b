/**
 * Feature levels: what a program of SkyFlow can read, as one number, and which features need which (ADR 38). A log is at a level; nothing
 * that needs a higher one is written to it, so that programs of two releases work side by side. The list only ever grows: a release that
 * adds an entry type, a value of an enumeration, or a field that must not be overlooked raises FEATURE_LEVEL and names it here.
 */
import type { EntryType } from './entries.js';

/** The level of v0.1, which did not say it. */
export const FIRST_LEVEL = 1;
/** The highest level that this program reads. */
export const FEATURE_LEVEL = 2;

/** Where levels are raised: a subject of its own, so that a program can read it without reading anything else. */
export const FEATURES_SUBJECT = 'sky.evt.features';

/** What a feature adds, as far as an older program must not meet it. */
export interface Feature {
  readonly level: number;
  /** For people: what cannot be used while it is off. */
  readonly what: string;
  /** Entry types that an older program cannot read. */
  readonly entries?: readonly EntryType[];
  /** Kinds that it would serve, or have written, as if they were nothing; users are refused them. */
  readonly kinds?: readonly string[];
  /** Whether data of an entry type that is older have what it cannot read. */
  readonly isIn?: (type: string, data: unknown) => boolean;
  /** Whether a spec of a kind that is older asks for it; users are refused it. */
  readonly isAskedBy?: (kind: string, spec: unknown) => boolean;
}

const OLD_COMMANDS = new Set(['up', 'remove']);
const OLD_OPERATIONS = new Set(['Create', 'Scale', 'Upgrade', 'Repair', 'Delete']);
const OLD_MACHINES = new Set(['static', 'aws']);
const NEW_STEPS = new Set(['NodesWanted', 'StopStarted', 'StopConfirmed', 'StopAbandoned', 'Stopped', 'Lost']);

/** Fields of a step, or of `spec.provision`, as far as they say which program can read it. */
interface StepFields {
  type?: string;
  command?: string;
  operation?: string;
  driver?: string;
  provider?: string;
  machines?: readonly { driver?: string }[];
  add?: readonly { driver?: string }[];
}
interface ProvisionFields {
  cloud?: { provider?: string; alternatives?: readonly string[]; autoscale?: unknown };
  repair?: unknown;
  rotateCertificates?: unknown;
  etcdSnapshotCreate?: unknown;
  etcdSnapshotRestore?: unknown;
}

const isNewMachine = (driver: string | undefined): boolean =>
  driver !== undefined && !OLD_MACHINES.has(driver) && !['rke', 'k3s', 'rke2'].includes(driver);

function isNewStep(type: string, data: unknown): boolean {
  if (type === 'OrphanAdvanced') return isNewMachine((data as { provider?: string }).provider);
  if (type !== 'ProvisioningAdvanced' && type !== 'MachineAdvanced') return false;
  const { step = {}, machine } = data as { step?: StepFields; machine?: string };
  const { command, operation, provider, driver } = step;
  return (
    NEW_STEPS.has(step.type ?? '') ||
    (command !== undefined && !OLD_COMMANDS.has(command)) ||
    (operation !== undefined && !OLD_OPERATIONS.has(operation)) ||
    isNewMachine(provider) ||
    (machine !== undefined && isNewMachine(driver)) ||
    [...(step.machines ?? []), ...(step.add ?? [])].some((each) => isNewMachine(each.driver))
  );
}

function asksForNewSteps(kind: string, spec: unknown): boolean {
  if (kind !== 'Cluster') return false;
  const { provision } = (spec ?? {}) as { provision?: ProvisionFields };
  if (provision === undefined) return false;
  const { cloud, repair, rotateCertificates, etcdSnapshotCreate, etcdSnapshotRestore } = provision;
  return (
    isNewMachine(cloud?.provider) ||
    cloud?.alternatives !== undefined ||
    cloud?.autoscale !== undefined ||
    [repair, rotateCertificates, etcdSnapshotCreate, etcdSnapshotRestore].some((asked) => asked !== undefined)
  );
}

const list = {
  MultiClusterServices: {
    level: 2,
    what: 'ServiceExports and their ServiceImports',
    kinds: ['ServiceExport'],
    entries: ['ServiceImportDecided', 'ExportAssigned', 'ExportWithdrawn', 'ExportObserved'],
  },
  FlatPlaneProof: {
    level: 2,
    what: 'the flat plane where it is proved that pods reach each other at their own addresses',
    entries: ['ReachObserved'],
  },
  LinkPlanes: {
    level: 2,
    what: 'Links that say their plane, which an older mesh controller would not heed',
    kinds: ['Link'],
  },
  ClusterLifecycle: {
    level: 2,
    what: 'repair, certificates, snapshots and machines on demand of clusters that SkyFlow builds, and clouds other than AWS',
    isIn: isNewStep,
    isAskedBy: asksForNewSteps,
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof list;
export const features: Readonly<Record<FeatureName, Feature>> = list;
export const featureNames = Object.keys(list) as FeatureName[];

const byEntry = new Map<string, FeatureName>(
  featureNames.flatMap((name) => (features[name].entries ?? []).map((type) => [type, name] as const)),
);
const withData = featureNames.filter((name) => features[name].isIn !== undefined);

/** The feature that an entry is part of, the one of the highest level; undefined: every program reads it. */
export function featureOfEntry(type: string, data: unknown): FeatureName | undefined {
  return byEntry.get(type) ?? withData.find((name) => features[name].isIn?.(type, data) === true);
}

/** The feature that an object asks for; undefined: every program knows it. */
export const featureAskedBy = (kind: string, spec: unknown): FeatureName | undefined =>
  featureNames.find((name) => {
    const { kinds, isAskedBy } = features[name];
    return kinds?.includes(kind) === true || isAskedBy?.(kind, spec) === true;
  });
