/** `skyctl rollout undo`: gives workloads a pod template back that they had before. */
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import { FIELD_MANAGER } from '../create/submit.js';
import { type Revision, revisionNumbered, revisionsOf } from './revisions.js';
import { type NamedWorkload, workloadsNamed } from './workloads.js';

export const undo: CommandHandler = async (session, call) => {
  const { flags } = call;
  const gateway = await session.gateway();
  const number = flags.wholeNumber('to-revision', 1);
  for (const workload of await workloadsNamed(session, call)) {
    const { label, path } = workload;
    const { revision, template } = chosen(await revisionsOf(gateway, workload), number, workload);
    if (flags.on('dry-run')) {
      session.terminal.write(await toYaml({ revision, template }));
      continue;
    }
    await gateway.json({
      method: 'PATCH',
      path,
      query: { fieldManager: FIELD_MANAGER },
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/spec/template', value: template }],
    });
    session.terminal.line(`${label} goes back to revision ${revision}`);
  }
  return EXIT.ok;
};

function chosen(revisions: readonly Revision[], number: number | undefined, workload: NamedWorkload): Revision {
  const current = revisions.at(-1);
  const found = number === undefined ? revisions.at(-2) : revisionNumbered(revisions, number, workload);
  if (found !== undefined && found !== current) return found;
  throw new CliError({
    code: EXIT.failure,
    summary:
      found === undefined
        ? `${workload.label} has had no other pod template than the one that it has`
        : `${workload.label} has revision ${found.revision} already`,
  });
}
