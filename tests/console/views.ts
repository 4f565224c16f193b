/** Every view of the console: where it is, by what one knows that it is there, and what it asks the gateway for. */

export interface View {
  name: string;
  path: string;
  sign: RegExp;
  /** What it cannot be shown without; `stream`: what the live connection tells. Absent: nothing. */
  asks?: string;
  /** What it says until the answer is there. */
  loading?: string;
}

export const STREAM = '**/stream?*';
const HELLO = '/workloads/default/jobs/hello';

export const VIEWS: readonly View[] = [
  { name: 'fleet', path: '/', sign: /clusters ready/, asks: STREAM, loading: 'Loading clusters …' },
  {
    name: 'cluster',
    path: '/clusters/mluo-cloud',
    sign: /Capacity/,
    asks: '**/apis/**/clusters/mluo-cloud',
    loading: 'Loading the cluster …',
  },
  { name: 'workloads', path: '/workloads', sign: /All namespaces/, asks: STREAM, loading: 'Loading workloads …' },
  { name: 'workload', path: HELLO, sign: /replicas placed/, asks: STREAM, loading: 'Loading the workload …' },
  {
    name: 'why',
    path: '/workloads/default/jobs/too-big/why',
    sign: /Place \d of/,
    asks: '**/explain',
    loading: 'Loading the decision …',
  },
  { name: 'pods', path: `${HELLO}/pods`, sign: /Pods \(\d/, asks: '**/apis/**/pods', loading: 'Loading pods …' },
  {
    name: 'terminal',
    path: `${HELLO}/terminal`,
    sign: /Open a terminal/,
    asks: '**/apis/**/pods',
    loading: 'Loading pods …',
  },
  { name: 'logs', path: `${HELLO}/logs`, sign: /hello from here/, asks: '**/apis/**/log?*' },
  {
    name: 'events',
    path: `${HELLO}/events`,
    sign: /Events \(\d/,
    asks: '**/api**/events?*',
    loading: 'Loading events …',
  },
  {
    name: 'history',
    path: `${HELLO}/history`,
    sign: /system:scheduler/,
    asks: '**/apis/**/history',
    loading: 'Loading the history …',
  },
  {
    name: 'yaml',
    path: `${HELLO}/yaml`,
    sign: /apiVersion/,
    asks: '**/apis/**/jobs/hello',
    loading: 'Loading the object …',
  },
  { name: 'queues', path: '/queues', sign: /weight 2/, asks: STREAM, loading: 'Loading queues …' },
  { name: 'mesh', path: '/mesh', sign: /endpoints ready/, asks: STREAM, loading: 'Loading services …' },
  {
    name: 'provisioning',
    path: '/provisioning',
    sign: /built by SkyFlow/,
    asks: STREAM,
    loading: 'Loading clusters …',
  },
  { name: 'what-if', path: '/what-if', sign: /Nothing is written/ },
  { name: 'time', path: '/time', sign: /What happened/, asks: '**/status', loading: 'Loading the log …' },
  { name: 'access', path: '/access', sign: /reader-role/, asks: '**/roles', loading: 'Loading roles …' },
  {
    name: 'operations',
    path: '/operations',
    sign: /How fast the gateway answers/,
    asks: '**/status',
    loading: 'Loading the status …',
  },
];
