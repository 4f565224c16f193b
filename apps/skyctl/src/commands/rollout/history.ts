/** `skyctl rollout history`: the pod templates that a workload has had. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';
import { revisionNumbered, revisionsOf } from './revisions.js';
import { workloadNamed } from './workloads.js';

export const history: CommandHandler = async (session, call) => {
  const { flags } = call;
  const gateway = await session.gateway();
  const workload = await workloadNamed(session, call);
  const revisions = await revisionsOf(gateway, workload);
  const number = flags.wholeNumber('revision', 1);
  const output = flags.text('output');
  if (number !== undefined || output !== undefined) {
    const shown = number === undefined ? { items: revisions } : revisionNumbered(revisions, number, workload);
    session.terminal.write(output === 'json' ? `${JSON.stringify(shown, null, 4)}\n` : await toYaml(shown));
    return EXIT.ok;
  }
  const rows = revisions.map(({ revision, generation, time, actor, images, changeCause }) => [
    String(revision),
    String(generation),
    time.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    actor,
    images.join(', '),
    changeCause ?? '-',
  ]);
  const columns = ['Revision', 'Generation', 'Time', 'Actor', 'Images', 'Change-cause'];
  session.terminal.line(renderTable({ columns, rows }));
  return EXIT.ok;
};
