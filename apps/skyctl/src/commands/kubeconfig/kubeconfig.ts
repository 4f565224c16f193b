/** `skyctl kubeconfig`: the context of this installation, printed, merged into a kubeconfig, or taken out of it. */
import { resolve } from 'node:path';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import { contextFor } from './installation-context.js';
import { changeKubeconfig, defaultFile } from './kubeconfig-file.js';
import { alone, merge, unmerge } from './merge.js';

export const kubeconfig: CommandHandler = async (session, { flags }) => {
  const { terminal, env } = session;
  const [merges, unmerges, use] = [flags.on('merge'), flags.on('unmerge'), flags.on('use')];
  if (merges && unmerges) throw usageError('--merge and --unmerge exclude each other', 'give one of them');
  if (!merges && !unmerges && flags.has('file')) {
    throw usageError(
      '--file names the kubeconfig of --merge and --unmerge',
      'to print into a file: skyctl kubeconfig > FILE',
    );
  }
  if (use && !merges)
    throw usageError('--use belongs to --merge', 'a kubeconfig that is printed has its context as the current one');
  const name = flags.text('name') ?? 'skyflow';
  if (name === '') throw usageError('--name "": the name of a context must not be empty');
  const { context, note } = contextFor(name, await session.connection(), env, process.argv[1] ?? '');
  if (!merges && !unmerges) {
    if (note !== undefined) session.remark(`note: ${note}`);
    terminal.write(await toYaml(alone(context)));
    return EXIT.ok;
  }
  const file = resolve(flags.text('file') ?? defaultFile(env));
  if (unmerges) {
    const changed = await changeKubeconfig(file, (text) => unmerge(text, context, { file }));
    terminal.line(
      changed === undefined
        ? `Context "${name}" is not in ${file}: unchanged.`
        : `Context "${name}" removed from ${file}.`,
    );
    return EXIT.ok;
  }
  const changed = await changeKubeconfig(file, (text) => merge(text, context, { file, use }), { backup: true });
  if (note !== undefined) session.remark(`note: ${note}`);
  const backup = changed?.backup === undefined ? '' : `, as it was before in ${changed.backup}`;
  terminal.line(
    changed === undefined
      ? `Context "${name}" is in ${file}: unchanged.`
      : `Context "${name}" merged into ${file}${backup}: kubectl --context ${name} get pods`,
  );
  return EXIT.ok;
};
