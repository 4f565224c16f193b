/** Taking a cluster out of use and back. What a drain would move is shown before anything is written. */
import { type ReactElement, useState } from 'react';
import type { Cluster, MovePreview } from '@skyflow/contracts';
import { useLoaded, useMay, useSession } from '../api/hooks.js';
import { MERGE_PATCH, PREVIEWS_PATH, clusterPath } from '../api/objects.js';
import { Dialog } from '../parts/dialog.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { PreviewText } from '../parts/preview-text.js';

interface Change {
  word: string;
  /** What is merged into the spec. */
  spec: { unschedulable: boolean | null; drain?: object | null };
  says: string;
}

const CORDON: Change = {
  word: 'Cordon',
  spec: { unschedulable: true },
  says: 'It gets no new replicas; those that are there stay.',
};
const DRAIN: Change = {
  word: 'Drain',
  spec: { unschedulable: true, drain: {} },
  says: 'Everything leaves it; services when their replacement is ready.',
};
const UNCORDON: Change = {
  word: 'Uncordon',
  spec: { unschedulable: null, drain: null },
  says: 'It gets new replicas again.',
};

export function ClusterActions({ cluster }: { cluster: Cluster }): ReactElement | null {
  const { name } = cluster.metadata;
  const may = useMay({ verb: 'patch', resource: 'clusters', name });
  const [change, setChange] = useState<Change>();
  if (!may || cluster.metadata.deletionTimestamp !== undefined) return null;
  const { unschedulable = false, drain } = cluster.spec;
  const offered = [
    ...(unschedulable ? [] : [CORDON]),
    ...(drain === undefined ? [DRAIN] : []),
    ...(unschedulable ? [UNCORDON] : []),
  ];
  return (
    <div className="actions">
      {offered.map((each) => (
        <button key={each.word} type="button" onClick={() => setChange(each)}>
          {each.word}
        </button>
      ))}
      {change !== undefined && <ChangeDialog cluster={cluster} change={change} onClose={() => setChange(undefined)} />}
    </div>
  );
}

function ChangeDialog({
  cluster,
  change,
  onClose,
}: {
  cluster: Cluster;
  change: Change;
  onClose: () => void;
}): ReactElement {
  const { api } = useSession();
  const { name } = cluster.metadata;
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const preview = useLoaded(`${name} ${change.word}`, async (signal) => {
    const { status: _status, metadata, spec, ...rest } = cluster;
    const { unschedulable: _unschedulable, drain: _drain, ...kept } = spec;
    const wanted = Object.fromEntries(Object.entries(change.spec).filter(([, value]) => value !== null));
    const object = {
      ...rest,
      metadata: { name: metadata.name, labels: metadata.labels },
      spec: { ...kept, ...wanted },
    };
    const body = { spec: { objects: [object] } };
    const answer = await api.json<{ status: MovePreview }>(PREVIEWS_PATH, { method: 'POST', body, signal });
    return answer.status;
  });
  const write = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      // What was seen is what is agreed to.
      const seen = preview.data === undefined ? '' : `?allowMoves=${preview.data.replicas}`;
      await api.json(`${clusterPath(name)}${seen}`, {
        method: 'PATCH',
        body: { spec: change.spec },
        contentType: MERGE_PATCH,
      });
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`${change.word} ${name}?`}
      onClose={onClose}
      actions={
        <button type="button" className="primary" disabled={busy || preview.loading} onClick={() => void write()}>
          {change.word}
        </button>
      }
    >
      <p>{change.says}</p>
      {preview.loading && <Waiting what="what would move" />}
      {preview.error !== undefined && <ErrorNote error={preview.error} again={preview.again} />}
      {preview.data !== undefined && <PreviewText preview={preview.data} />}
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}
