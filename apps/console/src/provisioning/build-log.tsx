/** What the driver of a cluster prints, as it comes; and the offers that it tells of. */
import { type ReactElement, useEffect, useMemo, useRef } from 'react';
import { clusterPath } from '../api/objects.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { MOST_LINES, useLog } from '../parts/use-log.js';
import { offersOf } from './offers.js';

export function BuildLog({ cluster }: { cluster: string }): ReactElement {
  const { log, error, ended, again } = useLog(`${clusterPath(cluster)}/log?follow=true&tailLines=${MOST_LINES}`);
  const offers = useMemo(() => offersOf(log.lines), [log]);
  const pane = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (pane.current !== null) pane.current.scrollTop = pane.current.scrollHeight;
  }, [log]);
  return (
    <>
      {error !== undefined && <ErrorNote error={error} again={again} />}
      {offers.length > 0 && (
        <Table
          label={`Offers for ${cluster}`}
          columns={['Offer', 'Price of one', 'What became of it']}
          rows={offers.map(({ what, price, verdict }) => ({
            key: what,
            cells: [what, price, verdict || 'not needed'],
          }))}
        />
      )}
      <p className="view-sum">
        {log.lines.length + log.dropped} lines{ended ? '; at rest' : ''}
      </p>
      <pre ref={pane} className="log" tabIndex={0} aria-label={`Build log of ${cluster}`}>
        {log.lines.join('\n')}
      </pre>
    </>
  );
}
