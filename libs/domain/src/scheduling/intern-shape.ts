/** Shapes in use, each once. */
import { shapeUsed } from './placement/evolve-workload-terms.js';
import { type Shape, type ShapeData, shapeKey, shapeOf } from './shape.js';
import type { SchedulingState } from './state.js';

/** The shape with this data, shared by all workloads that have it. */
export function internShape(state: SchedulingState, data: ShapeData): Shape {
  const key = shapeKey(data);
  let shape = state.shapes.get(key);
  if (shape === undefined) {
    shape = shapeOf(data, key, state.columns);
    state.shapes.set(key, shape);
    shapeUsed(state, shape);
  }
  shape.users++;
  return shape;
}
