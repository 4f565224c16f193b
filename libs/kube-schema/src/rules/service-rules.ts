/** Rules of services (pkg/apis/core/validation: ValidateService). */
import { invalidCause, isLabelValue, requiredCause, showValue, type StatusCause } from '@skyflow/contracts';
import { isIPv4, isIPv6 } from 'node:net';
import { partAt, partsOf, type Part } from '../defaults/object-parts.js';

const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function serviceCauses(spec: Part): StatusCause[] {
  const causes: StatusCause[] = [];
  const ports = partsOf(spec.ports);
  const isExternal = spec.type === 'ExternalName';
  if (ports.length === 0 && !isExternal && spec.clusterIP !== 'None') causes.push(requiredCause('spec.ports'));
  causes.push(...portCauses(ports));
  if (isExternal && (spec.externalName === undefined || spec.externalName === '')) {
    causes.push(requiredCause('spec.externalName'));
  }
  const { clusterIP } = spec;
  if (
    typeof clusterIP === 'string' &&
    clusterIP !== '' &&
    clusterIP !== 'None' &&
    !isIPv4(clusterIP) &&
    !isIPv6(clusterIP)
  ) {
    causes.push(invalidCause('spec.clusterIPs[0]', clusterIP, IP));
  }
  for (const value of Object.values(partAt(spec, 'selector') ?? {})) {
    if (typeof value === 'string' && !isLabelValue(value))
      causes.push(invalidCause('spec.selector', value, LABEL_VALUE));
  }
  return causes;
}

function portCauses(ports: readonly Part[]): StatusCause[] {
  const causes: StatusCause[] = [];
  const taken = new Set<string>();
  for (const [at, { name, port, protocol = 'TCP' }] of ports.entries()) {
    if (ports.length > 1 && (name === undefined || name === '')) causes.push(requiredCause(`spec.ports[${at}].name`));
    const key = `${String(protocol)}/${String(port)}`;
    if (taken.has(key)) {
      // Upstream shows its internal struct; the port and its protocol are what counts.
      const shown = showValue({
        Name: '',
        Protocol: protocol,
        AppProtocol: null,
        Port: port,
        TargetPort: 0,
        NodePort: 0,
      });
      causes.push({ reason: 'FieldValueDuplicate', field: `spec.ports[${at}]`, message: `Duplicate value: ${shown}` });
    }
    taken.add(key);
  }
  return causes;
}
