/** A Service from `skyctl create service NAME --type LoadBalancer --selector app nginx --ports 8008 80 --cluster mluo-onprem`. */
import {
  AUTO_CLUSTER,
  PLANE_CHOICES,
  SERVICE_TYPES,
  type PlaneChoice,
  type ServicePort,
  type ServiceSpec,
  type ServiceType,
} from '@skyflow/contracts';
import { type FromFlags, type KeyValue, FlagProblems, splitCommas } from '../workloads/flags.js';
import type { Manifest } from '../workloads/workload-from-flags.js';

export interface ServiceFlags {
  name: string;
  namespace: string;
  /** In any case. Default ClusterIP. */
  type?: string;
  /** Default: label `app` with the service's name, as kubectl create service has it. */
  selector?: readonly KeyValue[];
  /** Port of the service and port of the pods. */
  ports?: readonly KeyValue[];
  /** Default auto. */
  cluster?: string;
  /** Only pods of these clusters; several with commas. */
  sources?: readonly string[];
  sessionAffinity?: string;
  /** auto (default), flat or gateway. */
  plane?: string;
  labels?: readonly KeyValue[];
}

const AFFINITIES = ['None', 'ClientIP'] as const;

export function serviceFromFlags(flags: ServiceFlags): FromFlags<Manifest<ServiceSpec>> {
  const problems = new FlagProblems();
  return problems.resultOf(() => {
    const labels = problems.mapOf('--labels', flags.labels ?? []);
    const selector = problems.mapOf('--selector', flags.selector ?? []);
    const sources = splitCommas(flags.sources);
    const affinity = oneOf(problems, '--session-affinity', flags.sessionAffinity ?? 'None', AFFINITIES);
    const plane = oneOf<PlaneChoice>(problems, '--plane', flags.plane ?? 'auto', PLANE_CHOICES);
    return {
      apiVersion: 'skyflow.io/v1',
      kind: 'Service',
      metadata: {
        name: flags.name,
        namespace: flags.namespace,
        ...(Object.keys(labels).length > 0 ? { labels } : {}),
      },
      spec: {
        cluster: flags.cluster ?? AUTO_CLUSTER,
        type: oneOf<ServiceType>(problems, '--type', flags.type ?? 'ClusterIP', SERVICE_TYPES),
        selector: Object.keys(selector).length > 0 ? selector : { app: flags.name },
        ports: portsOf(problems, flags.ports ?? []),
        ...(sources.length > 0 ? { sources } : {}),
        ...(plane === 'auto' ? {} : { plane }),
        ...(affinity === 'None' ? {} : { sessionAffinity: affinity }),
      },
    };
  });
}

function oneOf<T extends string>(problems: FlagProblems, flag: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
  if (found === undefined) problems.add(flag, value, `must be ${choices.join(', ')}`);
  return found ?? (choices[0] as T);
}

/** Ports are named after their number when there are several, as they must have names then. */
function portsOf(problems: FlagProblems, pairs: readonly KeyValue[]): ServicePort[] {
  if (pairs.length === 0)
    problems.add('--ports', '', 'is needed: the port of the service and that of the pods: --ports 8008 80');
  return pairs.flatMap(({ key, value }) => {
    const port = problems.wholeNumber('--ports', key, 1, 65_535);
    const isNumber = /^\d+$/.test(value);
    const target = isNumber ? problems.wholeNumber('--ports', value, 1, 65_535) : value;
    if (port === undefined || target === undefined) return [];
    return [{ ...(pairs.length > 1 ? { name: `p${port}` } : {}), port, targetPort: target }];
  });
}
