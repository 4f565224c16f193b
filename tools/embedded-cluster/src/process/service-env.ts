/** The `<NAME>_SERVICE_HOST` and `_PORT` variables of the services in a pod's namespace (core/v1, enableServiceLinks). */
import type { Service } from '../model/workloads.js';

export function serviceEnv(services: readonly Service[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { metadata, spec } of services) {
    const { clusterIP } = spec;
    if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') continue;
    const name = metadata.name.toUpperCase().replaceAll('-', '_');
    env[`${name}_SERVICE_HOST`] = clusterIP;
    for (const [at, port] of (spec.ports ?? []).entries()) {
      if (at === 0) env[`${name}_SERVICE_PORT`] = String(port.port);
      if (port.name !== undefined && port.name !== '') {
        env[`${name}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`] = String(port.port);
      }
    }
  }
  return env;
}
