/** Indexes of an Indexed Job: the compact text of status.completedIndexes (`0-2,5`) and the index that a pod works on. */
import type { Pod } from '../model/pod.js';

export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';

export function indexOfPod(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_ANNOTATION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) continue;
    for (let at = Number(match[1]); at <= Number(match[2] ?? match[1]); at++) indexes.add(at);
  }
  return indexes;
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length;) {
    const first = sorted[at] ?? 0;
    let last = first;
    while (sorted[at + 1] === last + 1) {
      last++;
      at++;
    }
    at++;
    parts.push(last === first ? String(first) : last === first + 1 ? `${first},${last}` : `${first}-${last}`);
  }
  return parts.join(',');
}

/** The lowest indexes that are neither done (or given up) nor being worked on. */
export function openIndexes(
  completions: number,
  completed: ReadonlySet<number>,
  active: readonly Pod[],
  count: number,
): number[] {
  const taken = new Set(active.map(indexOfPod));
  const open: number[] = [];
  for (let at = 0; at < completions && open.length < count; at++) {
    if (!completed.has(at) && !taken.has(at)) open.push(at);
  }
  return open;
}
