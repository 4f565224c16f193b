import { describe, expect, it } from '@jest/globals';
import { HeapPace, type Pace } from './heap-pace.js';

const MIB = 1024 ** 2;
const [IDLE, SOME, BURST] = [0.01, 0.2, 0.95];

const looks = (pace: HeapPace, utilization: number, ...mib: number[]): Pace[] =>
  mib.map((each) => pace.look({ bytes: each * MIB, utilization }));
const collects = (pace: HeapPace, utilization: number, ...mib: number[]): boolean[] =>
  looks(pace, utilization, ...mib).map(({ collect }) => collect);

describe('what a burst has left', () => {
  it('is collected once, when little has happened for some looks', () => {
    const pace = new HeapPace();
    expect(collects(pace, BURST, 400, 600)).not.toContain(true);
    expect(collects(pace, IDLE, 600, 600.5, 600.5, 600.5)).not.toContain(true);
    expect(collects(pace, IDLE, 600.5)).toEqual([true]);
    pace.collected(420 * MIB);
    expect(collects(pace, IDLE, 420, 420, 420, 420, 420, 420, 420)).not.toContain(true);
  });

  it('is collected once, also where some work goes on', () => {
    const pace = new HeapPace();
    expect(collects(pace, BURST, 400, 600)).not.toContain(true);
    expect(collects(pace, SOME, 605, 610, 615, 620)).not.toContain(true);
    expect(collects(pace, SOME, 625)).toEqual([true]);
    pace.collected(420 * MIB);
    expect(collects(pace, SOME, 440, 460, 480, 500, 520, 540, 560)).not.toContain(true);
  });

  it('is left while much comes, and where it is little', () => {
    const pace = new HeapPace();
    expect(collects(pace, BURST, 400, 500, 500, 500, 500, 500, 500, 500)).not.toContain(true);
    const small = new HeapPace();
    expect(collects(small, IDLE, 400, 440, 440, 440, 440, 440, 440, 440)).not.toContain(true);
  });

  it('counts from the least that was in use since', () => {
    const pace = new HeapPace();
    pace.collected(500 * MIB);
    expect(collects(pace, IDLE, 460, 460, 509, 509, 509, 509, 509)).not.toContain(true);
    expect(collects(pace, IDLE, 509)).toEqual([true]);
  });
});

describe('how often a large heap is collected', () => {
  it('is less often in a burst, of which nearly all stays', () => {
    const pace = new HeapPace();
    const percents = (utilization: number): number[] =>
      looks(pace, utilization, 400).map((each) => each.growingPercent);
    expect(percents(SOME)).toEqual([10]);
    expect(percents(BURST)).toEqual([100]);
    expect(percents(IDLE)).toEqual([10]);
  });
});
