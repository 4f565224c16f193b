/** `skyctl create -f`: what files have, each object new; every one is tried, and told of. */
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT, type ExitCode, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ApiObject } from '@skyflow/contracts';
import { planOf, type PlannedObject } from '../apply/plan.js';
import { type NewObject, dryRunSuffix, post, printResult } from './submit.js';

export const createFromFiles: CommandHandler = async (session, call) => {
  const { flags } = call;
  const dryRun = flags.text('dry-run') ?? 'none';
  const planned = await planOf(session, call);
  const { editedInEditor } = flags.on('edit') ? await import('./edit-first.js') : {};
  const codes: ExitCode[] = [];
  for (const item of editedInEditor === undefined ? planned : await editedInEditor(session, planned)) {
    const object = objectOf(item);
    try {
      const made =
        dryRun === 'client'
          ? (object as ApiObject)
          : await post(session, item.kind, object, dryRun === 'server', flags.text('field-manager'));
      await printResult(session, flags.text('output'), item.kind, made, `created${dryRunSuffix(dryRun)}`);
    } catch (error) {
      if (!(error instanceof CliError) || error.code === EXIT.unavailable) throw error;
      session.terminal.note(renderError(error, session.debug));
      codes.push(error.code);
    }
  }
  return exitCodeOfAll(codes);
};

const objectOf = ({ object, namespace }: PlannedObject): NewObject => ({
  ...object,
  metadata: { ...object.metadata, ...(namespace === undefined ? {} : { namespace }) },
});
