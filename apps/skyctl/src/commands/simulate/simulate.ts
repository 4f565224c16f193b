/** `skyctl simulate`: has the files checked as apply would, then asks what would become of everything. */
import type { ApiObject, SimulatedWorkload, Simulation } from '@skyflow/contracts';
import { deploymentFromNative, jobFromNative } from '@skyflow/domain';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { type FlagValue, Flags } from '../../cli/flags.js';
import { objectPath } from '../../gateway/kinds.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { type PlannedObject, planOf } from '../apply/plan.js';
import { FIELD_MANAGER } from '../create/submit.js';
import { addedNodes } from './added-nodes.js';

const SIMULATIONS = '/apis/skyflow.io/v1/simulations';

export const simulate: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  if (args.length > 0) throw usageError(`simulate takes no arguments, but got ${args.join(' ')}`, 'files go with -f');
  const clustersDown = flags.list('cluster-down');
  const nodes = flags.list('add-nodes').map(addedNodes);
  const files = [...flags.list('filename'), ...flags.list('policy')];
  if (files.length + clustersDown.length + nodes.length === 0) {
    throw usageError(
      'say what would happen',
      '-f FILE, --policy FILE, --cluster-down NAME, --add-nodes CLUSTER=COUNT:cpu=…',
    );
  }
  const objects = files.length === 0 ? [] : await objectsOf(session, call, files);
  const { body } = await (
    await session.gateway()
  ).json<{ status: Simulation }>({
    method: 'POST',
    path: SIMULATIONS,
    body: { spec: { objects, clustersDown, nodes } },
  });
  const output = flags.text('output');
  if (output === 'json') session.terminal.line(JSON.stringify(body.status, null, 4));
  else if (output === 'yaml') session.terminal.write(await toYaml(body.status));
  else session.terminal.line(render(body.status, session.terminal));
  return EXIT.ok;
};

/** As the server would store them, in SkyFlow's kinds. */
async function objectsOf(session: Session, call: Invocation, files: readonly string[]): Promise<ApiObject[]> {
  const values = new Map<string, FlagValue>([['filename', files]]);
  if (call.flags.on('recursive')) values.set('recursive', true);
  const namespace = call.flags.text('namespace');
  if (namespace !== undefined) values.set('namespace', namespace);
  const planned = await planOf(session, { ...call, flags: new Flags(values) });
  const objects: ApiObject[] = [];
  for (const each of planned) objects.push(inOwnKind(await checked(session, each)));
  return objects;
}

async function checked(session: Session, { kind, namespace, object }: PlannedObject): Promise<ApiObject> {
  const metadata = namespace === undefined ? object.metadata : { ...object.metadata, namespace };
  const { body } = await (
    await session.gateway()
  ).json<ApiObject>({
    method: 'PATCH',
    path: objectPath(kind, namespace, object.metadata.name),
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: FIELD_MANAGER, force: true, dryRun: 'All' },
    body: { ...object, metadata },
  });
  return body;
}

function inOwnKind(object: ApiObject): ApiObject {
  const { apiVersion, kind } = object;
  const native = object as unknown as Parameters<typeof deploymentFromNative>[0];
  if (apiVersion === 'apps/v1' && kind === 'Deployment') return deploymentFromNative(native);
  if (apiVersion === 'batch/v1' && kind === 'Job') return jobFromNative(native);
  return object;
}

function render({ counts, workloads, position, code }: Simulation, terminal: Terminal): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const rows = workloads.map((each) => [
    each.name,
    each.kind.toLowerCase(),
    each.namespace ?? '',
    terminal.paint(COLOURS[each.outcome], each.outcome),
    whereOf(each),
    each.waiting === 0 ? '-' : String(each.waiting),
    each.message ?? each.reason ?? '',
  ]);
  const columns = ['Name', 'Kind', 'Namespace', 'Would be', 'Replicas', 'Waiting', 'Why'];
  const summary = `${counts.placed} placed, ${counts.moved} moved, ${counts.preempted} preempted, ${counts.waiting} left waiting`;
  const inPart = workloads.filter(({ outcome, waiting }) => outcome !== 'waiting' && waiting > 0).length;
  const partly = inPart === 0 ? '' : `; ${inPart} of them in part: other replicas of theirs would wait`;
  return [
    ...(rows.length > 0 ? [renderTable({ columns, rows }), ''] : []),
    ...(total > workloads.length ? [`and ${total - workloads.length} more`] : []),
    total === 0 ? 'nothing would be placed, moved or preempted' : summary + partly,
    terminal.paint('dim', `simulated from position ${position} of the log by ${code}; nothing was written`),
  ].join('\n');
}

const COLOURS = { placed: 'green', moved: 'cyan', preempted: 'yellow', waiting: 'red' } as const;

function whereOf({ before, after }: SimulatedWorkload): string {
  const inWords = (shares: typeof before): string =>
    shares.length === 0 ? 'nowhere' : shares.map(({ cluster, replicas }) => `${cluster}: ${replicas}`).join(', ');
  return before.length === 0 ? inWords(after) : `${inWords(before)} → ${inWords(after)}`;
}
