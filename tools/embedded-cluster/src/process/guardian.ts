/**
 * The last line of defence against leftovers: a tiny shell process in a session of its own that waits for this process to
 * die (its stdin ends, also after SIGKILL) and then kills every process group it was told of, and on Linux every process that
 * carries this host's mark in its environment, however often it changed group or session.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Environment variable that marks every process that a pod starts. */
export const HOST_MARK = 'SKYFLOW_EMBEDDED_HOST';

const SCRIPT = `
groups=' '
while read -r op id; do
  case $op in
    add) groups="$groups$id " ;;
    del) groups=$(printf '%s' "$groups" | sed "s/ $id / /") ;;
  esac
done
for round in 1 2 3; do
  for id in $groups; do kill -9 -- "-$id" 2>/dev/null; done
  for file in $(grep -lsz "^${HOST_MARK}=$1$" /proc/[0-9]*/environ); do
    id=\${file#/proc/}
    kill -9 "\${id%/environ}" 2>/dev/null
  done
  groups=' '
done
`;

export class Guardian {
  readonly #groups = new Set<number>();
  #child: ChildProcess;
  #stopping = false;

  /** @param mark value of {@link HOST_MARK} in the environment of what is guarded; unique per host process. */
  constructor(readonly mark: string) {
    this.#child = this.#start();
  }

  add(processGroup: number): void {
    this.#groups.add(processGroup);
    this.#child.stdin?.write(`add ${processGroup}\n`);
  }

  remove(processGroup: number): void {
    this.#groups.delete(processGroup);
    this.#child.stdin?.write(`del ${processGroup}\n`);
  }

  /** Lets it make its round and waits for it to end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.ref();
    this.#child.stdin?.end();
    await ended;
  }

  #start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'skyflow-guardian', this.mark], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    child.unref();
    const { stdin } = child;
    if ('unref' in stdin && typeof stdin.unref === 'function') (stdin as { unref(): void }).unref();
    // One that cannot be written to has ended: 'exit' starts another, or there is no shell and only an orderly stop is safe.
    stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    child.once('exit', () => this.#replace());
    return child;
  }

  /** Someone killed the guardian: another one takes over. */
  #replace(): void {
    if (this.#stopping) return;
    this.#child = this.#start();
    for (const group of this.#groups) this.#child.stdin?.write(`add ${group}\n`);
  }
}
