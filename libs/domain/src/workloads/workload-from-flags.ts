/**
 * Jobs and deployments from the simple flags of `skyctl create`: sugar that makes a full manifest and loses nothing that
 * was said. What cannot be expressed at all is a problem here; what may not be asked for is for the API to refuse.
 */
import type { DeploymentSpec, JobSpec } from '@skyflow/contracts';
import { FlagProblems } from './flags.js';
import type { FromFlags, WorkloadFlags } from './flags.js';
import { placementFromFlags } from './placement-from-flags.js';
import { podTemplateFromFlags } from './pod-template-from-flags.js';

/** A manifest: an API object before the API has seen it. */
export interface Manifest<Spec> {
  apiVersion: 'skyflow.io/v1';
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec: Spec;
}

/** Selects a deployment's pods; Kubernetes' recommended label, so it never collides with the user's own ones. */
export const SELECTOR_LABEL = 'app.kubernetes.io/name';

export function jobFromFlags(flags: WorkloadFlags): FromFlags<Manifest<JobSpec>> {
  const problems = new FlagProblems();
  return problems.resultOf(() => {
    const labels = problems.mapOf('--labels', flags.labels ?? []);
    return {
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: metadataOf(flags, labels),
      spec: {
        replicas: replicasOf(flags, problems),
        template: podTemplateFromFlags(flags, labels, problems),
        ...placementOf(flags, problems),
        ...queueOf(flags),
      },
    };
  });
}

export function deploymentFromFlags(flags: WorkloadFlags): FromFlags<Manifest<DeploymentSpec>> {
  const problems = new FlagProblems();
  return problems.resultOf(() => {
    const labels = problems.mapOf('--labels', flags.labels ?? []);
    const selected = { ...labels, [SELECTOR_LABEL]: labels[SELECTOR_LABEL] ?? flags.name };
    return {
      apiVersion: 'skyflow.io/v1',
      kind: 'Deployment',
      metadata: metadataOf(flags, labels),
      spec: {
        replicas: replicasOf(flags, problems),
        selector: { matchLabels: { [SELECTOR_LABEL]: selected[SELECTOR_LABEL] } },
        template: podTemplateFromFlags(flags, selected, problems),
        ...placementOf(flags, problems),
        ...queueOf(flags),
      },
    };
  });
}

const queueOf = ({ queue }: WorkloadFlags): Pick<JobSpec, 'queue'> => (queue === undefined ? {} : { queue });

const metadataOf = (flags: WorkloadFlags, labels: Record<string, string>): Manifest<unknown>['metadata'] => ({
  name: flags.name,
  namespace: flags.namespace,
  ...(Object.keys(labels).length > 0 ? { labels } : {}),
});

/** Whether zero or fewer may be asked for is the API's rule; here it only has to be a number. */
const replicasOf = (flags: WorkloadFlags, problems: FlagProblems): number =>
  flags.replicas === undefined ? 1 : (problems.wholeNumber('--replicas', flags.replicas, -2_147_483_648) ?? 1);

function placementOf(flags: WorkloadFlags, problems: FlagProblems): Pick<JobSpec, 'placement'> {
  const { policy } = flags;
  const placement = { ...(policy !== undefined && { policy }), ...placementFromFlags(flags, problems) };
  return Object.keys(placement).length > 0 ? { placement } : {};
}
