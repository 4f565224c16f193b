import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newResourceColumns } from './resource-columns.js';
import {
  type Room,
  copyRoom,
  countFits,
  countFitsWhenEmpty,
  emptyRoom,
  pack,
  repeatPacking,
  requestOf,
  unpack,
} from './room.js';
import { node } from './testing/history.js';

const anyNodes = fc
  .array(fc.record({ cpu: fc.nat(8000), others: fc.nat(4000), ready: fc.boolean() }), { minLength: 1, maxLength: 6 })
  .map((sizes) =>
    sizes.map(({ cpu, others, ready }, index) =>
      node(`n-${index}`, { cpu, pods: 20 }, { ready, requestedByOthers: { cpu: others } }),
    ),
  );
const anyRequests = fc.record({ cpu: fc.integer({ min: 1, max: 3000 }), pods: fc.constant(1) });

const roomFor = (nodes: Parameters<typeof emptyRoom>[0], requests: Record<string, number>) => {
  const columns = newResourceColumns(['cpu']);
  const room = emptyRoom(nodes, columns);
  return { room, request: requestOf(requests, columns) };
};
const packed = (packing: readonly number[]): number =>
  packing.reduce((sum, each, index) => sum + (index % 2) * each, 0);
const content = (room: Room): unknown => [[...room.free], [...room.totalFree]];

describe('the room of a cluster', () => {
  it('takes exactly as many replicas as it counted, and then not one more', () => {
    fc.assert(
      fc.property(anyNodes, anyRequests, (nodes, requests) => {
        const { room, request } = roomFor(nodes, requests);
        const fits = countFits(room, request, undefined);
        const over = room.free.map((free) => Math.min(free, 0));
        expect(packed(pack(room, request, fits, undefined))).toBe(fits);
        room.free.forEach((free, index) => expect(Math.min(free, 0)).toBe(over[index]));
        expect(countFits(room, request, undefined)).toBe(0);
      }),
    );
  });

  it('is as before when everything packed is given back, in parts or at once', () => {
    fc.assert(
      fc.property(
        anyNodes,
        anyRequests,
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        (nodes, requests, replicas, back) => {
          const { room, request } = roomFor(nodes, requests);
          const before = content(room);
          const packing = pack(room, request, replicas, undefined);
          unpack(room, request, packing, back);
          unpack(room, request, packing, replicas);
          expect(packing).toEqual([]);
          expect(content(room)).toEqual(before);
        },
      ),
    );
  });

  it('is the same when a packing is repeated, and a copy is its own', () => {
    fc.assert(
      fc.property(anyNodes, anyRequests, fc.integer({ min: 0, max: 30 }), (nodes, requests, replicas) => {
        const { room, request } = roomFor(nodes, requests);
        const copy = copyRoom(room);
        const untouched = content(copy);
        const packing = pack(room, request, replicas, undefined);
        expect(content(copy)).toEqual(untouched);
        repeatPacking(copy, request, packing);
        expect(content(copy)).toEqual(content(room));
      }),
    );
  });

  it('spreads replicas over alike nodes as kube-scheduler would', () => {
    const { room, request } = roomFor([node('a', { cpu: 2000 }), node('b', { cpu: 2000 })], { cpu: 1000, pods: 1 });
    expect(pack(room, request, 2, undefined)).toEqual([0, 1, 1, 1]);
  });

  it('uses only admitted nodes, and none that is not ready or schedulable', () => {
    const nodes = [
      node('a', { cpu: 8000 }, { ready: false }),
      node('b', { cpu: 8000 }, { unschedulable: true }),
      node('c', { cpu: 2000 }),
      node('d', { cpu: 1000 }),
    ];
    const { room, request } = roomFor(nodes, { cpu: 1000, pods: 1 });
    expect(countFits(room, request, undefined)).toBe(3);
    expect(countFits(room, request, Uint8Array.of(0, 1))).toBe(1);
    expect(pack(room, request, 2, Uint8Array.of(0, 1))).toEqual([1, 2]);
    expect(pack(room, request, 2, Uint8Array.of(0, 0))).toEqual([]);
    expect(countFitsWhenEmpty(room.layout, request, undefined)).toBe(3);
  });

  it('has none of a resource that no node names, and the default of pods where a node does not say', () => {
    const { room, request } = roomFor([{ ...node('a', {}), allocatable: { cpu: 1000 } }], { pods: 1 });
    expect(countFits(room, request, undefined)).toBe(110);
    const gpu = roomFor([node('a', { cpu: 1000 })], { 'nvidia.com/gpu': 1, pods: 1 });
    expect(countFits(gpu.room, gpu.request, undefined)).toBe(0);
  });
});
