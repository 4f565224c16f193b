import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FEATURES_SUBJECT, FEATURE_LEVEL } from '@skyflow/contracts';
import type { Announced } from '@skyflow/domain';
import { MemoryEventLog } from '@skyflow/event-log';
import { LevelKeeper } from './level-keeper.js';

/** A log at the first level, as one that an older version has made. */
class OldLog extends MemoryEventLog {
  override async featureLevel(): Promise<number> {
    return (await this.subjectHead(FEATURES_SUBJECT)).seq === 0 ? 1 : FEATURE_LEVEL;
  }
}

const SETTLE_MS = 60_000;

describe('the feature level', () => {
  let log: OldLog;
  let keeper: LevelKeeper;
  let raised: number[];
  let heard: Announced[];
  let since: number;
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000_000 });
    log = new OldLog();
    raised = [];
    heard = [];
    since = Date.now();
    keeper = new LevelKeeper({
      log,
      writer: 'test/1',
      settleMs: SETTLE_MS,
      heard: () => heard,
      listeningSinceMs: () => since,
      expected: () => [],
      onRaised: (level) => raised.push(level),
      warn: (line) => {
        throw new Error(line);
      },
    });
  });
  afterEach(() => {
    keeper.stop();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('rises when nobody below it was heard for as long as that takes', async () => {
    await keeper.start();
    await jest.advanceTimersByTimeAsync(SETTLE_MS - 1_000);
    expect(raised).toEqual([]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(raised).toEqual([FEATURE_LEVEL]);
  });

  it('does not rise by the time in which this process stood still and heard nobody', async () => {
    const startedMs = Date.now();
    jest.spyOn(performance, 'now').mockImplementation(() => Date.now() - startedMs);
    await keeper.start();
    await jest.advanceTimersByTimeAsync(2_000);
    jest.setSystemTime(Date.now() + 2 * SETTLE_MS);
    await jest.advanceTimersByTimeAsync(SETTLE_MS - 1_000);
    expect(raised).toEqual([]);
    expect((await keeper.report()).heldBackBy).toMatchObject([{ who: 'time' }]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(raised).toEqual([FEATURE_LEVEL]);
  });

  it('stays while one below it is heard, and says who that is', async () => {
    await keeper.start();
    for (let look = 0; look < 70; look++) {
      heard = [{ who: 'scheduler', instance: 's1', version: '0.1.0', level: 1, lastHeardMs: Date.now() }];
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(raised).toEqual([]);
    expect((await keeper.report()).heldBackBy).toMatchObject([{ who: 'scheduler', instance: 's1', level: 1 }]);
  });
});
