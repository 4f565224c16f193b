/** A placement as a picture: clusters as rows, rules and scores as columns. Of each cluster the first rule that refuses it is known. */
import type { ClusterVerdict, Placement, PlacementExplanation } from '@skyflow/contracts';
import { PLACEMENT_RULES } from '@skyflow/domain';

/** What the gateway answers at `…/explain`. */
export interface Explanation {
  decidedAt?: string;
  position?: number;
  code?: string;
  placements?: readonly Placement[];
  unplaced?: number;
  reason?: string;
  message?: string;
  verdicts?: readonly ClusterVerdict[];
  now?: PlacementExplanation;
  nowUnknown?: string;
}

/** passed: the rule lets it in. refused: the first that does not. unasked: nobody asks after a refusal. */
export type Cell = 'passed' | 'refused' | 'unasked';

export interface PictureRow {
  cluster: string;
  replicas: number;
  outcome: 'taken' | 'possible' | 'refused';
  cells: Cell[];
  fits: number | undefined;
  /** In the order of `Picture.scores`. */
  scores: (number | undefined)[];
  total: number | undefined;
  why: string;
  /** What would admit it. */
  change: string;
}

export interface Picture {
  rules: string[];
  scores: string[];
  rows: PictureRow[];
}

type Verdict = ClusterVerdict & Partial<PlacementExplanation['clusters'][number]>;

export function pictureOf(explanation: Explanation): Picture {
  const verdicts = verdictsOf(explanation);
  const given = new Map((explanation.placements ?? []).map(({ cluster, replicas }) => [cluster, replicas]));
  const refusing = new Set(verdicts.flatMap(({ plugin }) => (plugin === undefined ? [] : [plugin])));
  const known = [...PLACEMENT_RULES, ...[...refusing].filter((rule) => !PLACEMENT_RULES.includes(rule))];
  const scores = [...new Set(verdicts.flatMap(({ scores: each = {} }) => Object.keys(each)))];
  const rows = verdicts.map((verdict): PictureRow => {
    const replicas = verdict.replicas ?? given.get(verdict.cluster) ?? 0;
    const at = verdict.plugin === undefined ? Infinity : known.indexOf(verdict.plugin);
    return {
      cluster: verdict.cluster,
      replicas,
      outcome: replicas > 0 ? 'taken' : verdict.plugin === undefined ? 'possible' : 'refused',
      cells: known.map((_rule, index) => (index < at ? 'passed' : index === at ? 'refused' : 'unasked')),
      fits: verdict.fits,
      scores: scores.map((name) => verdict.scores?.[name]),
      total: verdict.score,
      why: verdict.plugin === undefined ? '' : (verdict.message ?? verdict.reason ?? ''),
      change: replicas > 0 ? '' : (verdict.change ?? []).join('; '),
    };
  });
  rows.sort(
    (one, other) => other.replicas - one.replicas || rank(one) - rank(other) || (other.total ?? 0) - (one.total ?? 0),
  );
  return { rules: known, scores, rows };
}

const RANKS = { taken: 0, possible: 1, refused: 2 };
const rank = ({ outcome }: PictureRow): number => RANKS[outcome];

/** While replicas wait, what counts is now; afterwards what was said when it was decided: its own replicas take room now. */
function verdictsOf({ now, verdicts = [], unplaced = 0 }: Explanation): readonly Verdict[] {
  if (now === undefined) return verdicts;
  if (unplaced > 0) return now.clusters;
  const recorded = new Map(verdicts.map((verdict) => [verdict.cluster, verdict]));
  return now.clusters.map((row) => {
    const verdict = recorded.get(row.cluster);
    const { replicas, scores } = row;
    return verdict === undefined ? row : { ...verdict, replicas, ...(scores === undefined ? {} : { scores }) };
  });
}

/** Why the winners won, in a sentence. */
export function winnersText({ rows }: Picture): string {
  const taken = rows.filter(({ outcome }) => outcome === 'taken');
  if (taken.length === 0) return 'No cluster has a replica of it.';
  const names = taken.map(({ cluster, replicas }) => `${cluster} (${replicas})`).join(', ');
  const possible = rows.filter(({ outcome }) => outcome === 'possible').length;
  const refused = rows.length - taken.length - possible;
  const score = taken.every(({ total }) => total !== undefined)
    ? ` with ${taken.length === 1 ? 'the score' : 'the scores'} ${taken.map(({ total = 0 }) => total.toFixed(1)).join(', ')}`
    : '';
  return `${names}: passed every rule${score}. ${refused} refused, ${possible} not needed.`;
}
