/** An explanation as a table and a few lines below it. */
import type { ClusterVerdict, Placement, PlacementExplanation, WorkloadClusterStatus } from '@skyflow/contracts';
import { duration } from '../../output/age.js';
import { decimals } from '../../output/resources.js';
import { renderTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';

/** What the gateway answers at `…/explain`. */
export interface Explanation {
  placements?: readonly Placement[];
  unplaced?: number;
  reason?: string;
  message?: string;
  /** Position of the log that the decision was made from, and of the code that made it. */
  basis?: number;
  code?: string;
  verdicts?: readonly ClusterVerdict[];
  now?: PlacementExplanation;
  nowUnknown?: string;
  /** What became of the share of each cluster. */
  clusters?: readonly WorkloadClusterStatus[];
}

export function renderExplanation(explanation: Explanation, terminal: Terminal): string {
  const { unplaced = 0, reason, message, basis, code, now, nowUnknown } = explanation;
  const lines = [table(explanation, terminal)];
  if (unplaced > 0) lines.push('', `${unplaced} waiting: ${message ?? reason ?? 'no reason recorded'}`);
  lines.push(...troubleLines(explanation.clusters ?? []));
  if (now?.waiting !== undefined) lines.push(...waitingLines(now.waiting));
  const notes = [
    ...(nowUnknown === undefined ? [] : [`as the last decision had it: ${nowUnknown}`]),
    ...(basis === undefined
      ? []
      : [`last decided from position ${basis} of the log${code === undefined ? '' : ` by ${code}`}`]),
  ];
  if (notes.length > 0) lines.push('', ...notes.map((note) => terminal.paint('dim', note)));
  return lines.join('\n');
}

type Row = ClusterVerdict & Partial<PlacementExplanation['clusters'][number]>;

function table({ placements = [], verdicts = [], unplaced = 0, now }: Explanation, terminal: Terminal): string {
  const given = new Map(placements.map(({ cluster, replicas }) => [cluster, replicas]));
  const waits = unplaced > 0 && now !== undefined;
  const clusters: readonly Row[] =
    now === undefined ? verdicts : waits ? now.clusters : asDecided(now.clusters, verdicts);
  const rows = clusters.map((row) => {
    const replicas = row.replicas ?? given.get(row.cluster) ?? 0;
    return [
      row.cluster,
      replicas > 0
        ? terminal.paint('green', 'taken')
        : row.plugin === undefined
          ? 'not needed'
          : terminal.paint('red', 'refused'),
      String(replicas),
      row.fits === undefined ? '-' : String(row.fits),
      row.score === undefined ? '-' : decimals(row.score, 2),
      whyOf({ ...row, replicas }),
      ...(waits ? [row.change?.join('; ') ?? '-'] : []),
    ];
  });
  const columns = [
    'Cluster',
    'Verdict',
    'Replicas',
    'Fits',
    'Score',
    'Why',
    ...(waits ? ['Would be admitted with'] : []),
  ];
  return renderTable({ columns, rows });
}

/** Once everything has its place, what counts is what was said when it was decided: its own replicas take room now. */
function asDecided(clusters: readonly Row[], verdicts: readonly ClusterVerdict[]): Row[] {
  const recorded = new Map(verdicts.map((verdict) => [verdict.cluster, verdict]));
  return clusters.map((row) => {
    const verdict = recorded.get(row.cluster);
    const { replicas, scores } = row;
    return verdict === undefined
      ? row
      : { ...verdict, ...(replicas !== undefined && { replicas }), ...(scores !== undefined && { scores }) };
  });
}

/** The first rule that refuses, with its numbers; or the scores by plugin: of one replica more now, where the score is of then. */
function whyOf({ plugin, message, reason, score, scores = {}, replicas = 0 }: Row): string {
  // Where it is already, what refuses refuses one replica more.
  if (plugin !== undefined)
    return `${replicas > 0 ? 'one more now: ' : ''}${[plugin, message ?? reason].filter(Boolean).join(': ')}`;
  const parts = Object.entries(scores).map(([name, each]) => `${name} ${decimals(each, 2)}`);
  if (parts.length === 0) return '';
  // What it has there counts against it when replicas are divided, and is no part of the score.
  const now = Object.entries(scores).reduce((sum, [name, each]) => (name === 'Spread' ? sum : sum + each), 0);
  const isOfThen = score !== undefined && Math.abs(now - score) > 0.02;
  return `${isOfThen ? 'one more now: ' : ''}${parts.join(', ')}`;
}

/** Shares that are where they should be and do not do what they should; a missing Secret, image or volume shows here. */
function troubleLines(clusters: readonly WorkloadClusterStatus[]): string[] {
  const troubled = clusters.filter(({ reason }) => reason !== undefined);
  if (troubled.length === 0) return [];
  return [
    '',
    ...troubled.map(({ cluster, phase, reason, message }) =>
      [`${cluster}: ${phase}`, reason, message].filter((part) => part !== undefined && part !== '').join(', '),
    ),
  ];
}

const isBetween = (ms: number | undefined, from: number, to: number): boolean =>
  ms !== undefined && ms >= from && ms <= to;

function waitingLines(waiting: NonNullable<PlacementExplanation['waiting']>): string[] {
  const { queue, place, of, waitedMs, estimate, quality, payFromMs, waitingPolicy, longestMs } = waiting;
  const where = queue === undefined ? 'the queue' : `queue ${queue}`;
  const lines = [`place ${place} of ${of} in ${where}; it has waited for ${duration(waitedMs)}`];
  if (payFromMs !== undefined) {
    const until = new Date(payFromMs).toISOString().replace(/\.\d+Z$/, 'Z');
    lines.push(`by its waiting policy ${waitingPolicy ?? ''} it waits for a cluster without a price until ${until}`);
  }
  // What others waited says nothing when the policy ends the wait sooner, or when it has waited longer than they did.
  if (longestMs !== undefined && !isBetween(estimate?.ms, waitedMs, longestMs)) {
    return [
      ...lines,
      `estimated wait: ${duration(longestMs)} in all at most, as there is room now on clusters with a price`,
    ];
  }
  if (estimate === undefined) return [...lines, 'estimated wait: not known, as no wait has ended yet'];
  const { waits, of: kind } = estimate.from;
  const basis = kind === 'same' ? `${waits} that waited for the same` : `${waits} that waited for something else`;
  const others = `about ${duration(estimate.ms)}`;
  lines.push(
    waitedMs > estimate.ms
      ? `estimated wait: others waited ${others}, which it has done already; from ${basis}`
      : `estimated wait: ${others} in all, from ${basis}`,
  );
  lines.push(
    quality === undefined
      ? 'no earlier estimate has come true yet'
      : `of ${quality.estimates} earlier estimates ${Math.round(100 * quality.within2x)} % were within a factor of two, half were off by ${duration(quality.medianErrorMs)} or less`,
  );
  return lines;
}
