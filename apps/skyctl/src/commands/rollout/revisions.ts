/** The revisions of a workload, as the gateway tells them. */
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { NamedWorkload } from './workloads.js';

export interface Revision {
  revision: number;
  generation: number;
  time: string;
  actor: string;
  changeCause?: string;
  images: readonly string[];
  template: Record<string, unknown>;
}

/** Ascending; the last is what the workload has now. */
export async function revisionsOf(gateway: GatewayClient, { path }: NamedWorkload): Promise<readonly Revision[]> {
  const { body } = await gateway.json<{ items: Revision[] }>({ path: `${path}/revisions` });
  return body.items;
}

/** @throws CliError (not found) */
export function revisionNumbered(
  revisions: readonly Revision[],
  number: number,
  { label, kind, name }: NamedWorkload,
): Revision {
  const found = revisions.find(({ revision }) => revision === number);
  if (found !== undefined) return found;
  throw new CliError({
    code: EXIT.notFound,
    summary: `${label} has no revision ${number}; it has ${revisions.map(({ revision }) => revision).join(', ')}`,
    hint: `"skyctl rollout history ${kind.singular}/${name}" shows them`,
  });
}
