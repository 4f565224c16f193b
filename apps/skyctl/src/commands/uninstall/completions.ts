/** Completions of the shells, where the help of `skyctl completion` says to put them: a line in a start file, or a file of its own. */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Completion {
  file: string;
  /** The lines that go; absent: the whole file is the completion. */
  lines?: readonly string[];
}

const START_FILES = ['.bashrc', '.bash_profile', '.profile', '.zshrc'];
const LINE = /^\s*(source|\.)\s+<\(\s*(npx\s+)?skyctl\s+completion\s+(bash|zsh)\s*\)\s*$/;

export function findCompletions(env: NodeJS.ProcessEnv): Completion[] {
  const home = env.HOME ?? homedir();
  const inStartFiles = START_FILES.map((name) => join(home, name)).flatMap((file): Completion[] => {
    const lines = read(file)
      .split('\n')
      .filter((line) => LINE.test(line));
    return lines.length === 0 ? [] : [{ file, lines }];
  });
  const fish = join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'fish', 'completions', 'skyctl.fish');
  return read(fish).startsWith('# skyctl completion for fish') ? [...inStartFiles, { file: fish }] : inStartFiles;
}

/** The rest of a start file stays byte for byte. */
export function removeCompletion({ file, lines }: Completion): void {
  if (lines === undefined) {
    rmSync(file, { force: true });
    return;
  }
  const text = read(file)
    .split('\n')
    .filter((line) => !LINE.test(line))
    .join('\n');
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: statSync(file).mode & 0o777 });
  renameSync(temporary, file);
}

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
