/** The editor of the person, as kubectl and git choose it. */
import { spawnSync } from 'node:child_process';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';

/** @throws CliError where nobody named one and nobody could type at vi. */
export function editorOf(env: NodeJS.ProcessEnv, isTerminal: boolean): string {
  const named = [env.SKYFLOW_EDITOR, env.KUBE_EDITOR, env.VISUAL, env.EDITOR].find(
    (each) => each !== undefined && each.trim() !== '',
  );
  if (named !== undefined) return named;
  if (isTerminal) return process.platform === 'win32' ? 'notepad' : 'vi';
  throw usageError(
    'there is no terminal for an editor',
    'use "skyctl patch" or "skyctl apply" in scripts, or name an editor in SKYFLOW_EDITOR',
  );
}

/** Returns when the editor is closed. @throws CliError when it cannot be run or fails. */
export function openEditor(editor: string, file: string): void {
  // By a shell: editors are named with their flags (`code --wait`), as for git.
  const { status, error, signal } = spawnSync(`${editor} ${quoted(file)}`, { stdio: 'inherit', shell: true });
  if (error === undefined && status === 0) return;
  throw new CliError({
    code: EXIT.failure,
    summary: `the editor "${editor}" ${error === undefined ? `ended with ${String(status ?? signal)}` : `cannot be run: ${error.message}`}`,
    hint: 'nothing was changed; name another editor in SKYFLOW_EDITOR',
  });
}

const quoted = (file: string): string => (process.platform === 'win32' ? `"${file}"` : `'${file}'`);
