/**
 * The environment of a container: env, envFrom, the downward API, `$(NAME)` expansion (KEP-free, core/v1 docs), and the
 * command line with the same expansion. Pure; references that cannot be resolved are reported as the kubelet does.
 */
import { parseAmount } from '@skyflow/domain';
import type { Container, EnvVar, Pod } from '../model/pod.js';

/** What references are looked up in; text values. */
export interface EnvSources {
  configMap(name: string): Record<string, string> | undefined;
  secret(name: string): Record<string, string> | undefined;
  podIP: string;
  hostIP: string;
  /** Limits that a container without one has. */
  nodeAllocatable: Record<string, string | number>;
}

/** The kubelet's CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

/** @throws ContainerConfigError when a reference that is not optional cannot be resolved. */
export function containerEnv(pod: Pod, container: Container, sources: EnvSources): Record<string, string> {
  const env: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const map = source.configMapRef ?? source.secretRef;
    if (map === undefined) continue;
    const kind = source.configMapRef === undefined ? 'secret' : 'configmap';
    const data = kind === 'secret' ? sources.secret(map.name) : sources.configMap(map.name);
    if (data === undefined && map.optional !== true) throw new ContainerConfigError(`${kind} "${map.name}" not found`);
    for (const [key, value] of Object.entries(data ?? {})) env[`${source.prefix ?? ''}${key}`] = value;
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, pod, container, sources, env);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

function valueOf(
  variable: EnvVar,
  pod: Pod,
  container: Container,
  sources: EnvSources,
  env: Record<string, string>,
): string | undefined {
  const { valueFrom } = variable;
  if (valueFrom === undefined) return expand(variable.value ?? '', env);
  if (valueFrom.fieldRef !== undefined) return fieldOf(pod, valueFrom.fieldRef.fieldPath, sources);
  if (valueFrom.resourceFieldRef !== undefined) {
    return resourceOf(pod, container, valueFrom.resourceFieldRef, sources.nodeAllocatable);
  }
  const fromMap = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef;
  if (fromMap === undefined) return undefined;
  const kind = valueFrom.configMapKeyRef === undefined ? 'secret' : 'configmap';
  const data = kind === 'secret' ? sources.secret(fromMap.name) : sources.configMap(fromMap.name);
  const value = data?.[fromMap.key];
  if (value !== undefined || fromMap.optional === true) return value;
  throw new ContainerConfigError(
    data === undefined
      ? `${kind} "${fromMap.name}" not found`
      : `couldn't find key ${fromMap.key} in ${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${pod.metadata.namespace ?? ''}/${fromMap.name}`,
  );
}

function fieldOf(pod: Pod, path: string, { podIP, hostIP }: EnvSources): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (subscript !== null) {
    const map = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[subscript[2] ?? ''] ?? '';
  }
  const fields: Record<string, string | undefined> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
    'status.podIP': podIP,
    'status.podIPs': podIP,
    'status.hostIP': hostIP,
    'status.hostIPs': hostIP,
  };
  const value = fields[path];
  if (value === undefined) throw new ContainerConfigError(`unsupported fieldPath: ${path}`);
  return value;
}

function resourceOf(
  pod: Pod,
  container: Container,
  reference: { containerName?: string; resource: string; divisor?: string | number },
  nodeAllocatable: Record<string, string | number>,
): string {
  const of = pod.spec.containers.find(({ name }) => name === reference.containerName) ?? container;
  const [kind = '', resource = ''] = reference.resource.split('.', 2);
  const limit = of.resources?.limits?.[resource] ?? nodeAllocatable[resource] ?? 0;
  const quantity = kind === 'requests' ? (of.resources?.requests?.[resource] ?? limit) : limit;
  const divisor = reference.divisor === undefined || String(reference.divisor) === '0' ? '1' : reference.divisor;
  return String(Math.ceil(parseAmount(resource, quantity) / parseAmount(resource, divisor)));
}

/** `$(NAME)` becomes the variable when it is known, `$$` a dollar sign; anything else stays (third_party/forked/golang/expansion). */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
}

/** The command line, or undefined when the container leaves it to its image. */
export function commandLine(container: Container, env: Readonly<Record<string, string>>): string[] | undefined {
  if (container.command === undefined || container.command.length === 0) return undefined;
  return [...container.command, ...(container.args ?? [])].map((part) => expand(part, env));
}
