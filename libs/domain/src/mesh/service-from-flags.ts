/** A Service from `skyctl create service NAME --type LoadBalancer --selector app nginx --ports 8008 80 --cluster mluo-onprem`. */
import {
  AUTO_CLUSTER,
  HEADLESS,
  IP_FAMILIES,
  IP_FAMILY_POLICIES,
  PLANE_CHOICES,
  SERVICE_TYPES,
  SPREADS,
  type IpFamily,
  type LocalFirst,
  type PlaneChoice,
  type ServicePort,
  type ServiceSpec,
  type ServiceType,
  type Spread,
} from '@skyflow/contracts';
import { type FromFlags, type KeyValue, FlagProblems, splitCommas } from '../workloads/flags.js';
import type { Manifest } from '../workloads/workload-from-flags.js';

export interface ServiceFlags {
  name: string;
  namespace: string;
  /** In any case; `headless`: ClusterIP without an address of its own. Default ClusterIP; with an external name ExternalName. */
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
  /** pods (default), clusters or local-first. */
  spread?: string;
  /** Of local-first. */
  minLocal?: string;
  rampSeconds?: string;
  externalName?: string;
  /** With commas. */
  ipFamilies?: readonly string[];
  ipFamilyPolicy?: string;
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
    const isHeadless = flags.type?.toLowerCase() === 'headless';
    const type = isHeadless ? 'ClusterIP' : typeOf(problems, flags);
    const isExternal = type === 'ExternalName';
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
        type,
        ...(isHeadless ? { clusterIP: HEADLESS } : {}),
        ...(flags.externalName === undefined ? {} : { externalName: flags.externalName }),
        ...familiesOf(problems, flags),
        selector: isExternal ? selector : Object.keys(selector).length > 0 ? selector : { app: flags.name },
        ports: isExternal && (flags.ports ?? []).length === 0 ? [] : portsOf(problems, flags.ports ?? []),
        ...(sources.length > 0 ? { sources } : {}),
        ...(plane === 'auto' ? {} : { plane }),
        ...(affinity === 'None' ? {} : { sessionAffinity: affinity }),
        ...spreadOf(problems, flags),
      },
    };
  });
}

function typeOf(problems: FlagProblems, { type, externalName }: ServiceFlags): ServiceType {
  const fallback = externalName === undefined ? 'ClusterIP' : 'ExternalName';
  return oneOf<ServiceType>(problems, '--type', type ?? fallback, SERVICE_TYPES, ['headless']);
}

function spreadOf(problems: FlagProblems, flags: ServiceFlags): { spread?: Spread; localFirst?: LocalFirst } {
  const { minLocal, rampSeconds } = flags;
  const fallback = minLocal === undefined && rampSeconds === undefined ? 'pods' : 'local-first';
  const spread = oneOf<Spread>(problems, '--spread', flags.spread ?? fallback, SPREADS);
  const minReady = minLocal === undefined ? undefined : problems.wholeNumber('--min-local', minLocal, 1, 10_000);
  const ramp = rampSeconds === undefined ? undefined : problems.wholeNumber('--ramp-seconds', rampSeconds, 0, 3_600);
  if (spread === 'pods') return {};
  const localFirst = {
    ...(minReady === undefined ? {} : { minReady }),
    ...(ramp === undefined ? {} : { rampSeconds: ramp }),
  };
  return { spread, ...(Object.keys(localFirst).length === 0 ? {} : { localFirst }) };
}

function familiesOf(problems: FlagProblems, flags: ServiceFlags): Pick<ServiceSpec, 'ipFamilies' | 'ipFamilyPolicy'> {
  const families = splitCommas(flags.ipFamilies).map((family) =>
    oneOf<IpFamily>(problems, '--ip-families', family, IP_FAMILIES),
  );
  return {
    ...(families.length === 0 ? {} : { ipFamilies: families }),
    ...(flags.ipFamilyPolicy === undefined
      ? {}
      : { ipFamilyPolicy: oneOf(problems, '--ip-family-policy', flags.ipFamilyPolicy, IP_FAMILY_POLICIES) }),
  };
}

function oneOf<T extends string>(
  problems: FlagProblems,
  flag: string,
  value: string,
  choices: readonly T[],
  also: readonly string[] = [],
): T {
  const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
  if (found === undefined) problems.add(flag, value, `must be ${[...choices, ...also].join(', ')}`);
  return found ?? (choices[0] as T);
}

/** A target port may end in its protocol (`53 5353/UDP`). Ports are named after their number when there are several, as they must have names then. */
function portsOf(problems: FlagProblems, pairs: readonly KeyValue[]): ServicePort[] {
  if (pairs.length === 0)
    problems.add('--ports', '', 'is needed: the port of the service and that of the pods: --ports 8008 80');
  return pairs.flatMap(({ key, value }) => {
    const port = problems.wholeNumber('--ports', key, 1, 65_535);
    const [place = '', protocolText] = value.split('/', 2);
    const protocol =
      protocolText === undefined ? 'TCP' : oneOf(problems, '--ports', protocolText, ['TCP', 'UDP'] as const);
    const isNumber = /^\d+$/.test(place);
    const target = isNumber ? problems.wholeNumber('--ports', place, 1, 65_535) : place;
    if (port === undefined || target === undefined) return [];
    const isTcp = protocol === 'TCP';
    const name = pairs.length > 1 ? { name: isTcp ? `p${port}` : `p${port}-udp` } : {};
    return [{ ...name, ...(isTcp ? {} : { protocol }), port, targetPort: target }];
  });
}
