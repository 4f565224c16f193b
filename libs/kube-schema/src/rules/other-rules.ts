/** Rules of config maps, secrets, namespaces, claims and further kinds (pkg/apis/{core,policy,networking}/validation). */
import { invalidCause, requiredCause, showValue, type StatusCause } from '@skyflow/contracts';
import { isIPv4, isIPv6 } from 'node:net';
import { partAt, partsOf, type Part } from '../defaults/object-parts.js';

const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const keyCauses = (map: Part | undefined, field: string): StatusCause[] =>
  Object.keys(map ?? {})
    .filter((key) => !/^[-._a-zA-Z0-9]{1,253}$/.test(key))
    .map((key) => invalidCause(`${field}[${key}]`, key, CONFIG_KEY));

export function configMapCauses(object: Part): StatusCause[] {
  const [data, binary] = [partAt(object, 'data'), partAt(object, 'binaryData')];
  const both = Object.keys(data ?? {}).filter((key) => binary !== undefined && Object.hasOwn(binary, key));
  return [
    ...keyCauses(data, 'data'),
    ...both.map((key) => invalidCause(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...keyCauses(binary, 'binaryData'),
  ];
}

/** What a secret of a type must hold. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export function secretCauses(object: Part): StatusCause[] {
  const data = partAt(object, 'data') ?? {};
  const needed = SECRET_KEYS[String(object.type)] ?? [];
  return [
    ...keyCauses(data, 'data'),
    ...needed.filter((key) => !Object.hasOwn(data, key)).map((key) => requiredCause(`data[${key}]`)),
  ];
}

export function claimCauses(spec: Part): StatusCause[] {
  const causes: StatusCause[] = [];
  const modes = Array.isArray(spec.accessModes) ? spec.accessModes : [];
  if (modes.length === 0) causes.push(requiredCause('spec.accessModes', 'at least 1 access mode is required'));
  if (partAt(spec, 'resources', 'requests')?.storage === undefined)
    causes.push(requiredCause('spec.resources[storage]'));
  return causes;
}

export function disruptionBudgetCauses(spec: Part): StatusCause[] {
  const { minAvailable, maxUnavailable } = spec;
  if (minAvailable === undefined || maxUnavailable === undefined) return [];
  return [invalidCause('spec', spec, 'minAvailable and maxUnavailable cannot be both set')];
}

const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

export function networkPolicyCauses(spec: Part): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    for (const [at, rule] of partsOf(spec[direction]).entries()) {
      for (const [of, peer] of partsOf(rule[peers]).entries()) {
        const cidr = partAt(peer, 'ipBlock')?.cidr;
        if (typeof cidr !== 'string' || isCidr(cidr)) continue;
        causes.push(invalidCause(`spec.${direction}[${at}].${peers}[${of}].ipBlock.cidr`, cidr, CIDR));
      }
    }
  }
  return causes;
}

function isCidr(text: string): boolean {
  const [address = '', length = ''] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return /^\d+$/.test(length) && Number(length) <= bits;
}

export function ingressCauses(spec: Part): StatusCause[] {
  return partsOf(spec.rules).flatMap((rule, at) =>
    partsOf(partAt(rule, 'http')?.paths).flatMap(({ pathType }, of) =>
      pathType === undefined
        ? [requiredCause(`spec.rules[${at}].http.paths[${of}].pathType`, 'pathType must be specified')]
        : [],
    ),
  );
}

export const namespaceCauses = ({ name }: { name: string }): StatusCause[] =>
  name.includes('.')
    ? [
        {
          reason: 'FieldValueInvalid',
          field: 'metadata.name',
          message: `Invalid value: ${showValue(name)}: must not contain dots`,
        },
      ]
    : [];
