/** The logs of all its pods on all clusters in one stream, as they come. */
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { type Workload, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { ErrorNote } from '../parts/error-note.js';
import { MOST_LINES, useLog } from '../parts/use-log.js';

const TAIL_LINES = 200;

export function LogsTab({ address, workload }: { address: WorkloadAddress; workload: Workload }): ReactElement {
  const [cluster, setCluster] = useState('');
  const [text, setText] = useState('');
  const [following, setFollowing] = useState(true);
  const { log, error, ended, again } = useLog(logPath(address, cluster));
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

function logPath({ namespace, plural, name }: WorkloadAddress, cluster: string): string {
  const query = new URLSearchParams({ follow: 'true', prefix: 'true', tailLines: String(TAIL_LINES) });
  if (cluster !== '') query.set('cluster', cluster);
  return `${workloadPath(namespace, plural, name)}/log?${query.toString()}`;
}
