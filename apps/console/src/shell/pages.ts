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
  { path: '/queues', title: 'Queues', needs: { verb: 'list', resource: 'queues' } },
  { path: '/mesh', title: 'Mesh', needs: { verb: 'list', resource: 'services' } },
  { path: '/provisioning', title: 'Provisioning', needs: { verb: 'list', resource: 'clusters' } },
  { path: '/what-if', title: 'What if', needs: { verb: 'get', path: '/status' } },
  { path: '/time', title: 'Time', needs: { verb: 'get', path: '/status' } },
  { path: '/access', title: 'Access', needs: { verb: 'list', resource: 'users' } },
  { path: '/operations', title: 'Operations', needs: { verb: 'get', path: '/status' } },
];
