/** Links between clusters as the API derives them from what was proved, with what their gateways carry. */
import type { Link } from '@skyflow/contracts';
import { type Loaded, useMay, useMoment, usePolled, useSession } from '../api/hooks.js';
import { listPath } from '../api/objects.js';

const ASKED_EVERY_MS = 2_000;

/** Empty for who may not see them, and for the past, which has none. */
export function useLinks(): Loaded<readonly Link[]> {
  const { api } = useSession();
  const may = useMay({ verb: 'list', resource: 'links' });
  const past = useMoment() !== undefined;
  const ask = may && !past;
  return usePolled(ask ? 'links' : 'no links', ask ? ASKED_EVERY_MS : undefined, async (signal) =>
    ask ? (await api.json<{ items: Link[] }>(listPath('links'), { signal })).items : [],
  );
}
