/** The logs of all its pods on all clusters in one stream, as they come. */
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { isAborted } from '../api/api.js';
import { useSession } from '../api/hooks.js';
import { type Workload, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { ErrorNote } from '../parts/error-note.js';
import { type LogLines, NO_LINES, withChunk } from './log-lines.js';

/** Kept in the page. */
const MOST_LINES = 2_000;
const TAIL_LINES = 200;
/** Between two renderings, however much comes. */
const SHOWN_EVERY_MS = 150;

export function LogsTab({ address, workload }: { address: WorkloadAddress; workload: Workload }): ReactElement {
  const [cluster, setCluster] = useState('');
  const [text, setText] = useState('');
  const [following, setFollowing] = useState(true);
  const { log, error, ended, again } = useLog(address, cluster);
  const shown = useMemo(() => log.lines.filter((line) => line.includes(text)), [log, text]);
  const pane = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (following && pane.current !== null) pane.current.scrollTop = pane.current.scrollHeight;
  }, [shown, following]);
  const clusters = workload.status?.clusters.map((share) => share.cluster) ?? [];
  return (
    <section className="card logs">
      <div className="log-head">
        <label>
          <span className="sr">Cluster</span>
          <select value={cluster} onChange={(event) => setCluster(event.target.value)}>
            <option value="">All clusters</option>
            {clusters.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          <span className="sr">Show only lines with</span>
          <input
            type="search"
            placeholder="lines with"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <label>
          <input type="checkbox" checked={following} onChange={(event) => setFollowing(event.target.checked)} /> Follow
        </label>
        <span className="view-sum">
          {log.lines.length + log.dropped} lines{log.dropped > 0 ? `, the last ${MOST_LINES} are here` : ''}
          {ended ? '; ended' : ''}
        </span>
      </div>
      {error !== undefined && <ErrorNote error={error} again={again} />}
      <pre
        ref={pane}
        className="log"
        tabIndex={0}
        aria-label="Log lines"
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < 40)
        }
      >
        {shown.join('\n')}
      </pre>
    </section>
  );
}

function useLog(
  { namespace, plural, name }: WorkloadAddress,
  cluster: string,
): { log: LogLines; error: unknown; ended: boolean; again: () => void } {
  const { api } = useSession();
  const [log, setLog] = useState(NO_LINES);
  const [error, setError] = useState<unknown>();
  const [ended, setEnded] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let read = NO_LINES;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      timer = undefined;
      setLog(read);
    };
    const query = new URLSearchParams({ follow: 'true', prefix: 'true', tailLines: String(TAIL_LINES) });
    if (cluster !== '') query.set('cluster', cluster);
    const path = `${workloadPath(namespace, plural, name)}/log?${query.toString()}`;
    const follow = async (): Promise<void> => {
      const { body } = await api.response(path, { signal: abort.signal });
      if (body === null) return;
      const decoder = new TextDecoder();
      const reader = body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        read = withChunk(read, decoder.decode(value, { stream: true }), MOST_LINES);
        timer ??= setTimeout(show, SHOWN_EVERY_MS);
      }
    };
    setLog(NO_LINES);
    setError(undefined);
    setEnded(false);
    follow().then(
      () => setEnded(true),
      (problem: unknown) => {
        if (!isAborted(problem) && !abort.signal.aborted) setError(problem);
      },
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [api, namespace, plural, name, cluster, turn]);
  return { log, error, ended, again: () => setTurn((old) => old + 1) };
}
