/** The logs of all its pods on all clusters in one stream, as they come. */
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { useMoment } from '../api/hooks.js';
import { type Workload, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { ErrorNote } from '../parts/error-note.js';
import { MOST_LINES, useLog } from '../parts/use-log.js';
import { NotInTheLog } from '../time/not-in-the-log.js';

const TAIL_LINES = 200;
/** Of the past: lines of so long before the moment. */
const BEFORE_MS = 600_000;

export function LogsTab({ address, workload }: { address: WorkloadAddress; workload: Workload }): ReactElement {
  const [cluster, setCluster] = useState('');
  const [text, setText] = useState('');
  const [following, setFollowing] = useState(true);
  const moment = useMoment();
  const { log, error, ended, again } = useLog(logPath(address, cluster, moment), moment?.atMs);
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
      <NotInTheLog>
        {moment?.atMs === undefined
          ? 'Lines that containers print are not in SkyFlow’s log, and when this moment was is told only to who may read that log: these are the lines of now.'
          : `Lines that containers print are not in SkyFlow’s log. These are what the clusters still have of the ${BEFORE_MS / 60_000} minutes up to that moment, by their own times.`}
      </NotInTheLog>
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

function logPath({ namespace, plural, name }: WorkloadAddress, cluster: string, moment?: { atMs?: number }): string {
  const query = new URLSearchParams({ prefix: 'true' });
  if (moment?.atMs === undefined) {
    query.set('follow', String(moment === undefined));
    query.set('tailLines', String(TAIL_LINES));
  } else {
    query.set('timestamps', 'true');
    query.set('sinceTime', new Date(moment.atMs - BEFORE_MS).toISOString());
  }
  if (cluster !== '') query.set('cluster', cluster);
  return `${workloadPath(namespace, plural, name)}/log?${query.toString()}`;
}
