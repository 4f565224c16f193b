/** `skyctl top`: once, or as a screen that goes on. */
import type { Deployment, Job } from '@skyflow/contracts';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { CLUSTER, DEPLOYMENT, JOB, POD } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { LiveObjects } from '../../gateway/live-objects.js';
import type { Selection } from '../../gateway/listing.js';
import type { Session } from '../../session.js';
import { selectionOf } from '../get/get.js';
import { clusterLoads, namespaceLoads, nodeLoads, podLoads, workloadLoads } from './loads.js';
import { renderLoads } from './render-loads.js';
import type { LoadTable, SortColumn } from './render-loads.js';

/** What is shown of each subject, and of which kinds it is made. */
interface Subject {
  words: readonly string[];
  kinds: readonly ResourceKind[];
  tables: (objects: LiveObjects) => LoadTable[];
}

const clusters = (objects: LiveObjects): LoadTable => ({
  columns: ['Cluster', 'Status', 'Nodes'],
  loads: clusterLoads(objects.of(CLUSTER)),
});
const allWorkloads = (objects: LiveObjects): (Job | Deployment)[] => [
  ...objects.of<Job>(JOB),
  ...objects.of<Deployment>(DEPLOYMENT),
];
const workloads = (objects: LiveObjects): LoadTable => ({
  columns: ['Workload', 'Namespace', 'Clusters', 'Replicas'],
  loads: workloadLoads(allWorkloads(objects)),
});

const SUBJECTS: readonly Subject[] = [
  { words: ['clusters', 'cluster', 'cl'], kinds: [CLUSTER], tables: (objects) => [clusters(objects)] },
  {
    words: ['nodes', 'node', 'no'],
    kinds: [CLUSTER],
    tables: (objects) => [{ columns: ['Node', 'Cluster', 'Status'], loads: nodeLoads(objects.of(CLUSTER)) }],
  },
  {
    words: ['workloads', 'workload', 'jobs', 'job', 'deployments', 'deployment', 'deploy'],
    kinds: [JOB, DEPLOYMENT],
    tables: (objects) => [workloads(objects)],
  },
  {
    words: ['pods', 'pod', 'po'],
    kinds: [POD],
    tables: (objects) => [{ columns: ['Pod', 'Namespace', 'Node', 'Status'], loads: podLoads(objects.of(POD)) }],
  },
  {
    words: ['namespaces', 'namespace', 'ns'],
    kinds: [JOB, DEPLOYMENT],
    tables: (objects) => [
      {
        columns: ['Namespace', 'Workloads', 'Replicas'],
        loads: namespaceLoads(allWorkloads(objects)),
      },
    ],
  },
];
const OVERVIEW: Subject = {
  words: [],
  kinds: [CLUSTER, JOB, DEPLOYMENT],
  tables: (objects) => [clusters(objects), workloads(objects)],
};

export const top: CommandHandler = async (session, call) => await topOf(session, call, call.args[0]);

export async function topOf(session: Session, call: Invocation, word: string | undefined): Promise<number> {
  const { terminal } = session;
  const { flags } = call;
  const subject = word === undefined ? OVERVIEW : SUBJECTS.find(({ words }) => words.includes(word.toLowerCase()));
  if (subject === undefined) {
    throw usageError(`top has nothing about "${word ?? ''}"`, 'it has clusters, nodes, workloads, pods and namespaces');
  }
  if (flags.has('at') && flags.on('watch')) {
    throw usageError('--at and -w contradict each other', 'the past does not change');
  }
  if (flags.has('at') && subject.words.includes('pods')) {
    throw usageError('what each pod asked for then is not in the log', 'skyctl top workloads --at has their workloads');
  }
  const objects = new LiveObjects(session, subject.kinds, await selectionFor(session, call, subject));
  await objects.load();
  const sortBy = (flags.text('sort-by') ?? 'cpu') as SortColumn;
  const frame = (): string =>
    subject
      .tables(objects)
      .map((table) => renderLoads(table, { sortBy, terminal, headers: !flags.on('no-headers') }))
      .join('\n\n');
  if (!flags.on('watch')) {
    terminal.line(frame());
    return EXIT.ok;
  }
  if (!terminal.isTerminal) throw usageError('--watch draws on a terminal, and there is none', 'leave it out');
  let lost: string | undefined;
  const { showLive } = await import('../../output/live-screen.js');
  await showLive(session, {
    frame: () => (lost === undefined ? '' : `${terminal.paint('red', `not up to date: ${lost}`)}\n\n`) + frame(),
    follow: async (changed, signal) =>
      await objects.follow(changed, signal, (error) => {
        lost = error?.message;
        changed();
      }),
  });
  return EXIT.ok;
}

/** Without -n everything counts for what is about the whole; workloads and pods are those of the namespace, as for get. */
async function selectionFor(session: Session, call: Invocation, { words }: Subject): Promise<Selection> {
  const ofNamespace = words.includes('workloads') || words.includes('pods');
  if (ofNamespace || call.flags.has('namespace') || call.flags.has('selector')) return await selectionOf(session, call);
  return {};
}
