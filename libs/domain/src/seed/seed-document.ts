/**
 * Documents in the form of the seed system (no apiVersion; snake_case or camelCase) as the objects that they mean here. What cannot be
 * meant here is a problem of its field; nothing is left out silently.
 */
import { type Fields, SeedFields, type SeedProblem, isFields } from './fields.js';
import { type SeedMetadata, seedJob } from './seed-job.js';
import { seedCluster, seedFilterPolicy, seedNamespace, seedRole, seedService } from './seed-others.js';

export type FromSeed = { ok: true; objects: readonly object[] } | { ok: false; problems: readonly SeedProblem[] };

const KINDS = ['job', 'cluster', 'service', 'namespace', 'filterpolicy', 'role', 'link', 'endpoints'] as const;
type SeedKind = (typeof KINDS)[number];

/** Fields of a seed Job's spec that a Job of SkyFlow does not have. */
const JOB_FIELDS = ['image', 'run', 'env', 'envs', 'resources', 'ports', 'restart_policy', 'restartPolicy', 'volumes'];

/**
 * Whether the document is in the seed's form: one of its kinds without an apiVersion, or a Job that has the seed's fields in place of a
 * pod template.
 */
export function isSeedDocument(document: unknown): document is Fields {
  if (!isFields(document)) return false;
  const { apiVersion, kind, spec } = document;
  if (kindOf(kind) === undefined) return false;
  if (apiVersion === undefined || apiVersion === null) return true;
  if (apiVersion !== 'skyflow.io/v1' || kindOf(kind) !== 'job' || !isFields(spec) || 'template' in spec) return false;
  return JOB_FIELDS.some((field) => field in spec);
}

/** @param namespace of documents that name none. */
export function fromSeedDocument(document: Fields, namespace: string): FromSeed {
  const problems: SeedProblem[] = [];
  const fields = new SeedFields(document, '', problems);
  fields.text('api_version');
  const kind = kindOf(fields.text('kind'));
  const metadata = fields.inside('metadata');
  const name = metadata.text('name');
  if (name === undefined || name === '') metadata.problem('metadata.name', 'is required');
  const namespaces = kind === 'role' ? metadata.texts('namespaces') : [];
  const head: SeedMetadata = {
    name: name ?? '',
    namespace: metadata.text('namespace') ?? namespace,
    labels: metadata.map('labels'),
    annotations: metadata.map('annotations'),
  };
  metadata.end('name, namespace, labels and annotations');
  fields.value('status');
  const objects = kind === undefined ? [] : objectsOf(kind, head, namespaces, fields);
  fields.end('kind, metadata and spec');
  return problems.length === 0 ? { ok: true, objects } : { ok: false, problems };
}

function objectsOf(
  kind: SeedKind,
  head: SeedMetadata,
  namespaces: readonly string[],
  fields: SeedFields,
): readonly object[] {
  switch (kind) {
    case 'job':
      return [seedJob(head, fields.inside('spec'))];
    case 'cluster':
      return [seedCluster(head, fields.inside('spec'))];
    case 'service':
      return [seedService(head, fields.inside('spec'))];
    case 'namespace':
      return [seedNamespace(head, fields.inside('spec'))];
    case 'filterpolicy':
      return [seedFilterPolicy(head, fields.inside('spec'))];
    case 'role':
      return seedRole(head, namespaces, fields);
    case 'link':
    case 'endpoints':
      fields.value('spec');
      fields.problem(
        'kind',
        `${kind === 'link' ? 'links' : 'endpoints'} are found by SkyFlow itself; leave this document out`,
      );
      return [];
  }
}

const kindOf = (kind: unknown): SeedKind | undefined =>
  typeof kind === 'string' ? KINDS.find((each) => each === kind.toLowerCase()) : undefined;
