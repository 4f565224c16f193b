/**
 * A Cluster from `skyctl create cluster --manager k8 CONTEXT`. A kube context may hold any text, a cluster's name is a DNS
 * label: without `--name` the name is made of the context, the same way every time.
 */
import { isDnsLabel } from '@skyflow/contracts';
import type { ClusterSpec } from '@skyflow/contracts';
import { type ProvisionFlags, provisionFromFlags } from '../provisioning/provision-from-flags.js';
import { FlagProblems } from './flags.js';
import type { FromFlags, KeyValue } from './flags.js';
import { TAINT_RULE, parseTaint } from './taint-text.js';
import type { Manifest } from './workload-from-flags.js';

export interface ClusterFlags {
  /** kubeconfig context. */
  context: string;
  /** Default: made of the context. */
  name?: string;
  manager?: string;
  /** Path of a kubeconfig on the supervisor's machine. */
  kubeconfig?: string;
  labels?: readonly KeyValue[];
  provider?: string;
  region?: string;
  zone?: string;
  /** `KEY=VALUE:EFFECT`. */
  taints?: readonly string[];
  /** What an hour costs: `cpu` per core, `memory` per GiB, any other resource per piece. */
  prices?: readonly KeyValue[];
  /** It is to be built: `context` is its name. */
  provision?: ProvisionFlags;
}

const MANAGERS = ['k8', 'k8s', 'kubernetes'];
const LONGEST_NAME = 63;

export function clusterFromFlags(flags: ClusterFlags): FromFlags<Manifest<ClusterSpec>> {
  const problems = new FlagProblems();
  return problems.resultOf(() => {
    const manager = flags.manager ?? 'k8';
    if (!MANAGERS.includes(manager.toLowerCase())) {
      problems.add('--manager', manager, `must be k8 (also written ${MANAGERS.slice(1).join(' or ')})`);
    }
    const labels = problems.mapOf('--labels', flags.labels ?? []);
    attachedOnly(flags, problems);
    return {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: {
        name: flags.name ?? clusterNameOf(flags.context),
        ...(Object.keys(labels).length > 0 ? { labels } : {}),
      },
      spec: {
        manager: 'k8',
        ...(flags.provision === undefined
          ? { context: flags.context }
          : { provision: provisionFromFlags(flags.provision, problems) }),
        ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
        ...(flags.provider === undefined ? {} : { provider: flags.provider }),
        ...(flags.region === undefined ? {} : { region: flags.region }),
        ...(flags.zone === undefined ? {} : { zone: flags.zone }),
        ...taintsOf(flags.taints ?? [], problems),
        ...pricesOf(flags.prices ?? [], problems),
      },
    };
  });
}

/** What says where a cluster is that is there already. */
function attachedOnly({ provision, kubeconfig, context, name }: ClusterFlags, problems: FlagProblems): void {
  if (provision === undefined) return;
  if (kubeconfig !== undefined) problems.add('--kubeconfig', kubeconfig, 'excludes --provision: there is none yet');
  if (!isDnsLabel(name ?? context)) {
    problems.add('NAME', name ?? context, 'must be a DNS label: lower-case letters, digits, dashes, at most 63');
  }
}

function taintsOf(texts: readonly string[], problems: FlagProblems): Pick<ClusterSpec, 'taints'> {
  const taints = texts.flatMap((text) => {
    const taint = parseTaint(text);
    if (taint === undefined) problems.add('--taints', text, TAINT_RULE);
    return taint ?? [];
  });
  return taints.length > 0 ? { taints } : {};
}

function pricesOf(given: readonly KeyValue[], problems: FlagProblems): Pick<ClusterSpec, 'prices'> {
  const prices = Object.entries(problems.mapOf('--prices', given)).flatMap(([resource, text]) => {
    const price = /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
    if (price === undefined) problems.add('--prices', `${resource}=${text}`, PRICE_RULE);
    return price === undefined ? [] : [[resource, price] as const];
  });
  return prices.length > 0 ? { prices: Object.fromEntries(prices) } : {};
}

const PRICE_RULE = 'must be RESOURCE=AMOUNT, what an hour of it costs, such as cpu=0.03 or nvidia.com/gpu=2.5';

/** The context itself if it is a DNS label; else its letters and digits with dashes between, and a hash if it was cut. */
export function clusterNameOf(context: string): string {
  if (isDnsLabel(context)) return context;
  const dashed = context
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (dashed.length <= LONGEST_NAME) return dashed;
  return `${dashed.slice(0, LONGEST_NAME - 9).replace(/-+$/, '')}-${fnv1a(context)}`;
}

/** FNV-1a, 32 bits, in hexadecimal: tells long names apart, nothing more. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
