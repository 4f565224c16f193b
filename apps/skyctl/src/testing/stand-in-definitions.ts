/** SkyFlow's kinds as the stand-in serves them: the rules that skyctl's messages are about, and no more. */
import type { ResourceDefinition, SchemaMap } from '@skyflow/apimachinery';
import type { KubeObject, Schema } from '@skyflow/contracts';
import { configMapDefinition } from '@skyflow/apimachinery/testing';

const META = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function schemaOf(group: string, kind: string, spec: Record<string, Schema>): Schema {
  return {
    type: 'object',
    description: `${kind} for tests.`,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: META,
      spec: { type: 'object', properties: spec },
      status: anything,
    },
    'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind }],
  };
}

const workloadSpec: Record<string, Schema> = {
  replicas: { type: 'integer', default: 1, minimum: 1 },
  template: anything,
  placement: anything,
  selector: anything,
};

export const standInSchemas: SchemaMap = {
  'test.Job': schemaOf('skyflow.io', 'Job', workloadSpec),
  'test.Deployment': schemaOf('skyflow.io', 'Deployment', workloadSpec),
  'test.Cluster': schemaOf('skyflow.io', 'Cluster', {
    manager: { type: 'string' },
    context: { type: 'string' },
    kubeconfig: { type: 'string' },
    unschedulable: { type: 'boolean' },
    drain: anything,
    provision: anything,
  }),
  'test.PlacementPolicy': schemaOf('skyflow.io', 'PlacementPolicy', {
    clusters: { type: 'array', items: { type: 'string' } },
    workloadSelector: anything,
  }),
  'test.Namespace': schemaOf('', 'Namespace', {}),
};

const phaseOf = (object: KubeObject): string => (object.status as { phase?: string } | undefined)?.phase ?? '';

function definition(
  group: string,
  kind: string,
  namespaced: boolean,
  shortNames: readonly string[] = [],
): ResourceDefinition {
  return {
    group,
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    shortNames,
    namespaced,
    schema: standInSchemas[`test.${kind}`] ?? anything,
    schemaName: `test.${kind}`,
    nameRule: 'dns1123-label',
    hasStatus: true,
    selectableFields: { 'status.phase': phaseOf },
    connect: {
      log: {
        methods: ['GET'],
        handle: ({ key, query, response }) => {
          response.setHeader('content-type', 'text/plain');
          response.end(`log of ${key.name} ${query.toString()}\n`);
          return Promise.resolve();
        },
      },
      explain: {
        methods: ['GET'],
        handle: ({ response }) => {
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify(EXPLANATION));
          return Promise.resolve();
        },
      },
    },
  };
}

const EXPLANATION = {
  placements: [{ cluster: 'mluo-cloud', replicas: 1 }],
  unplaced: 1,
  reason: 'Unschedulable',
  message: 'no cluster has 1 cpu left',
  clusters: [
    {
      cluster: 'mluo-cloud',
      phase: 'PENDING',
      replicas: 1,
      ready: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      reason: 'MissingDependency',
      message: 'Secret gone is missing on the cluster',
    },
  ],
  basis: 120_000,
  code: 'scheduler/1',
  verdicts: [
    { cluster: 'mluo-cloud', score: 71.5, fits: 1 },
    { cluster: 'mluo-onprem', plugin: 'ResourceFit', reason: 'InsufficientResources', message: 'cpu: 0.2 of 1 free' },
  ],
};

export const standInDefinitions: readonly ResourceDefinition[] = [
  definition('skyflow.io', 'Job', true),
  definition('skyflow.io', 'Deployment', true, ['deploy']),
  definition('skyflow.io', 'Cluster', false, ['cl']),
  { ...definition('skyflow.io', 'PlacementPolicy', true), plural: 'placementpolicies' },
  definition('', 'Namespace', false, ['ns']),
  configMapDefinition,
];
