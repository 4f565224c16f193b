/** Columns of the tables that the API prints. */
import type { KubeObject } from './object.js';

export interface TableColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description: string;
  /** 0: always shown; 1: only with `-o wide`. */
  priority: 0 | 1;
  /** The cell; dates as RFC 3339 timestamps are rendered as ages. `nowMs` is passed for other ages. */
  value(object: KubeObject, nowMs: number): string | number | boolean | null;
}
