/** Scaling and deleting, with what would follow. */
import { type ReactElement, useState } from 'react';
import { useLocation } from 'wouter';
import { useMay, useSession } from '../api/hooks.js';
import { MERGE_PATCH, type Workload, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { Dialog } from '../parts/dialog.js';
import { ErrorNote } from '../parts/error-note.js';
import { wantedOf } from './workload-rows.js';

export function WorkloadActions({
  workload,
  address,
}: {
  workload: Workload;
  address: WorkloadAddress;
}): ReactElement | null {
  const { namespace, plural, name } = address;
  const about = { resource: plural, namespace, name };
  const mayScale = useMay({ verb: 'patch', ...about });
  const mayDelete = useMay({ verb: 'delete', ...about });
  const [open, setOpen] = useState<'scale' | 'delete'>();
  if (workload.metadata.deletionTimestamp !== undefined) return null;
  const close = (): void => setOpen(undefined);
  return (
    <div className="actions">
      {mayScale && (
        <button type="button" onClick={() => setOpen('scale')}>
          Scale
        </button>
      )}
      {mayDelete && (
        <button type="button" onClick={() => setOpen('delete')}>
          Delete
        </button>
      )}
      {open === 'scale' && <ScaleDialog workload={workload} address={address} onClose={close} />}
      {open === 'delete' && <DeleteDialog workload={workload} address={address} onClose={close} />}
    </div>
  );
}

interface ActionProps {
  workload: Workload;
  address: WorkloadAddress;
  onClose: () => void;
}

/** Does it, shows what went wrong, closes when it went well. */
function useAction(
  work: () => Promise<unknown>,
  onDone: () => void,
): { busy: boolean; error: unknown; run: () => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = (): void => {
    setBusy(true);
    setError(undefined);
    work()
      .then(onDone, (problem: unknown) => setError(problem))
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}

function ScaleDialog({ workload, address: { namespace, plural, name }, onClose }: ActionProps): ReactElement {
  const { api } = useSession();
  const [replicas, setReplicas] = useState(wantedOf(workload));
  const path = workloadPath(namespace, plural, name);
  const { busy, error, run } = useAction(
    () => api.json(path, { method: 'PATCH', body: { spec: { replicas } }, contentType: MERGE_PATCH }),
    onClose,
  );
  return (
    <Dialog
      title={`Scale ${name}`}
      onClose={onClose}
      actions={
        <button type="button" className="primary" disabled={busy} onClick={run}>
          Scale
        </button>
      }
    >
      <label>
        Replicas over all clusters{' '}
        <input
          type="number"
          min={0}
          value={replicas}
          onChange={(event) => setReplicas(event.target.valueAsNumber || 0)}
        />
      </label>
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}

function DeleteDialog({ workload, address: { namespace, plural, name }, onClose }: ActionProps): ReactElement {
  const { api } = useSession();
  const [, go] = useLocation();
  const { busy, error, run } = useAction(
    () => api.json(workloadPath(namespace, plural, name), { method: 'DELETE' }),
    () => {
      onClose();
      go('/workloads');
    },
  );
  const clusters = workload.status?.clusters.map(({ cluster, replicas }) => `${replicas} on ${cluster}`).join(', ');
  return (
    <Dialog
      title={`Delete ${name}?`}
      onClose={onClose}
      actions={
        <button type="button" className="primary" disabled={busy} onClick={run}>
          Delete
        </button>
      }
    >
      <p>
        {clusters === undefined || clusters === '' ? 'Nothing of it runs.' : `What runs of it ends: ${clusters}.`} Its
        history stays in the log.
      </p>
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}
