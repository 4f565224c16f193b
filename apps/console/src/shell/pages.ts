/** The console's pages, in the order of the navigation. */
import type { Asked } from '../api/rights.js';

export interface Page {
  path: string;
  title: string;
  /** Who may not do this has no use for the page. */
  needs: Asked;
}

export const PAGES: readonly Page[] = [
  { path: '/', title: 'Fleet', needs: { verb: 'list', resource: 'clusters' } },
  { path: '/workloads', title: 'Workloads', needs: { verb: 'list', resource: 'jobs' } },
];
