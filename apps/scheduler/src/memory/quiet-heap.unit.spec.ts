import { describe, expect, it } from '@jest/globals';
import { QuietHeap } from './quiet-heap.js';

const MIB = 1024 ** 2;
const looks = (heap: QuietHeap, ...mib: number[]): boolean[] => mib.map((each) => heap.look(each * MIB));

describe('what a burst has left', () => {
  it('is collected once, when little has happened for some looks', () => {
    const heap = new QuietHeap();
    expect(looks(heap, 400, 600, 600, 600.5, 600.5, 600.5)).not.toContain(true);
    expect(looks(heap, 600.5)).toEqual([true]);
    heap.collected(420 * MIB);
    expect(looks(heap, 420, 420, 420, 420, 420, 420, 420)).not.toContain(true);
  });

  it('is left while more comes, and where it is little', () => {
    const heap = new QuietHeap();
    expect(looks(heap, 400, 500, 510, 520, 530, 540, 550, 560)).not.toContain(true);
    const small = new QuietHeap();
    expect(looks(small, 400, 440, 440, 440, 440, 440, 440, 440)).not.toContain(true);
  });

  it('counts from the least that was in use since', () => {
    const heap = new QuietHeap();
    heap.collected(500 * MIB);
    expect(looks(heap, 460, 460, 509, 509, 509, 509, 509)).not.toContain(true);
    expect(looks(heap, 509)).toEqual([true]);
  });
});
