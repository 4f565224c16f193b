/** A terminal in one of its pods, on whichever cluster that is. */
import { type ReactElement, type SubmitEvent, Suspense, lazy, useRef, useState } from 'react';
import { usePolled, useSession } from '../../api/hooks.js';
import { workloadPath, type WorkloadAddress } from '../../api/objects.js';
import { Empty, Waiting } from '../../parts/empty.js';
import { ErrorNote } from '../../parts/error-note.js';
import type { ClusterPods } from '../pods-tab.js';
import { execPath, wordsOf } from './exec-protocol.js';

const TerminalScreen = lazy(() => import('./terminal-screen.js'));

const ASKED_EVERY_MS = 5_000;

interface Place {
  /** `<pod>.<cluster>` */
  pod: string;
  cluster: string;
  containers: readonly string[];
}

type Ended = { code: number; message: string } | { error: unknown };

export function TerminalTab({ address: { namespace, plural, name } }: { address: WorkloadAddress }): ReactElement {
  const { api } = useSession();
  const path = `${workloadPath(namespace, plural, name)}/pods`;
  const { data, error, again } = usePolled(path, ASKED_EVERY_MS, (signal) =>
    api.json<{ clusters: ClusterPods[] }>(path, { signal }),
  );
  const [open, setOpen] = useState<{ path: string; turn: number }>();
  const [ended, setEnded] = useState<Ended>();
  const leave = useRef<HTMLButtonElement>(null);
  if (data === undefined)
    return error === undefined ? <Waiting what="pods" /> : <ErrorNote error={error} again={again} />;
  const places = placesOf(data.clusters);
  const begin = (place: Omit<Place, 'cluster' | 'containers'> & { container: string; command: string }): void => {
    setEnded(undefined);
    setOpen((old) => ({
      path: execPath({ namespace, ...place, command: wordsOf(place.command) }),
      turn: (old?.turn ?? 0) + 1,
    }));
  };
  return (
    <section className="card">
      {places.length === 0 && open === undefined && (
        <Empty title="No pod runs">There is a terminal as soon as one does.</Empty>
      )}
      {places.length > 0 && <PlaceForm places={places} onOpen={begin} />}
      {ended !== undefined &&
        ('error' in ended ? (
          <ErrorNote error={ended.error} />
        ) : (
          <p role="status">
            Ended with code {ended.code}
            {ended.message === '' ? '' : `: ${ended.message}`}
          </p>
        ))}
      {open !== undefined && (
        <>
          <div className="log-head">
            <button ref={leave} type="button" onClick={() => setOpen(undefined)}>
              Close the terminal
            </button>
            <span className="view-sum">Tab goes to the shell; F6 leads back here</span>
          </div>
          <Suspense fallback={<Waiting what="the terminal" />}>
            <TerminalScreen
              key={open.turn}
              api={api}
              path={open.path}
              onLeave={() => leave.current?.focus()}
              onEnd={setEnded}
            />
          </Suspense>
        </>
      )}
    </section>
  );
}

const placesOf = (clusters: readonly ClusterPods[]): Place[] =>
  clusters.flatMap(({ cluster, pods }) =>
    pods
      .filter(({ status, metadata }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined)
      .map(({ metadata, spec }) => ({
        pod: `${metadata.name}.${cluster}`,
        cluster,
        containers: spec?.containers?.map((each) => each.name) ?? [],
      })),
  );

function PlaceForm({
  places,
  onOpen,
}: {
  places: readonly Place[];
  onOpen: (chosen: { pod: string; container: string; command: string }) => void;
}): ReactElement {
  const [pod, setPod] = useState('');
  const place = places.find((each) => each.pod === pod) ?? places[0];
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [container, command] = [form.get('container'), form.get('command')];
    if (place !== undefined && typeof container === 'string' && typeof command === 'string')
      onOpen({ pod: place.pod, container, command });
  };
  return (
    <form className="log-head" onSubmit={submit} aria-label="Open a terminal">
      <label>
        Pod{' '}
        <select value={place?.pod} onChange={(event) => setPod(event.target.value)}>
          {places.map((each) => (
            <option key={each.pod}>{each.pod}</option>
          ))}
        </select>
      </label>
      <label>
        Container{' '}
        <select name="container" key={place?.pod}>
          {place?.containers.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label>
        Command <input name="command" defaultValue="sh" required spellCheck={false} autoCapitalize="none" />
      </label>
      <button type="submit" className="primary">
        Open a terminal
      </button>
    </form>
  );
}
