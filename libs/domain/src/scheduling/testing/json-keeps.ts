/** For tests: what a scheduler writes is folded by itself as it is, and by others as JSON: it must be the same. */
import { expect } from '@jest/globals';
import { decisionSubject } from '@skyflow/contracts';
import type { History } from './history.js';

/** Every decision and all work of the log are values that JSON keeps as they are: nothing undefined, no class, no -0. */
export function expectJsonKeeps({ log }: History): void {
  for (const { entry, place } of log) {
    if (place.subject !== decisionSubject('scheduler') && !place.subject.startsWith('sky.work.')) continue;
    expect(JSON.parse(JSON.stringify(entry.data))).toStrictEqual(entry.data);
  }
}
