/** What the agent says of the mesh on its cluster when somebody asks, with connections tried the way that clients go. */
import type { MeshReply } from '@skyflow/contracts';
import type { DesiredService } from '@skyflow/domain';
import type { GatewaySide } from './gateway/gateway-side.js';
import { flatProbe, gatewayProbe } from './path-attempts.js';

/** Of each service and source: enough to see what is wrong, few enough to be quick. */
const TRIED = 5;

export async function meshReport(
  gateway: GatewaySide,
  services: Iterable<DesiredService>,
  tries: boolean,
): Promise<Omit<MeshReply, 'cluster'>> {
  const status = await gateway.refresh();
  const attempts = tries ? await tryAll(gateway, services) : [];
  if (status !== undefined) return { gateway: status, attempts };
  const { observation } = gateway;
  return { message: observation?.message ?? 'the mesh gateway does not run yet, or is being started again', attempts };
}

async function tryAll(gateway: GatewaySide, services: Iterable<DesiredService>): Promise<MeshReply['attempts']> {
  const all = [...services].flatMap(({ ref, remote }) =>
    [...remote].flatMap(([source, { plane, endpoints }]) => {
      const by = plane === 'flat' ? flatProbe(() => false) : gatewayProbe(gateway, source);
      return endpoints
        .filter(({ ready, ports }) => ready && ports.length > 0)
        .slice(0, TRIED)
        .map(async (endpoint): Promise<MeshReply['attempts'][number]> => {
          const { ms, error } = await by.attempt(endpoint);
          const flat = `${endpoint.address}:${endpoint.ports[0]?.port ?? 0}`;
          const virtual = `${gateway.address ?? 'no gateway'}:${endpoint.leases?.[0]?.port ?? 0}`;
          return {
            service: `${ref.namespace ?? ''}/${ref.name}`,
            source,
            plane,
            pod: endpoint.pod,
            place: plane === 'flat' ? flat : virtual,
            ms,
            ...(error === undefined ? {} : { error }),
          };
        });
    }),
  );
  return Promise.all(all);
}
