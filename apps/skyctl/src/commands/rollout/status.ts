/** `skyctl rollout status`: each step of a change over the clusters, until it is everywhere. */
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { follow } from '../../gateway/follow.js';
import { progressOf } from './progress.js';
import { type Workload, isPaused, read, workloadNamed } from './workloads.js';

const GOES_ON = 'give it longer with --timeout 10m; it goes on by itself';

export const status: CommandHandler = async (session, call) => {
  const { flags } = call;
  const gateway = await session.gateway();
  const workload = await workloadNamed(session, call);
  const { kind, namespace, name, label } = workload;
  const say = (text: string): void => session.terminal.line(`${label} ${text}`);
  if (flags.has('watch') && !flags.on('watch')) {
    const { state, text } = progressOf(await read(gateway, workload));
    say(text);
    return state === 'failed' ? EXIT.failure : EXIT.ok;
  }
  const timeoutMs = flags.durationMs('timeout');
  const signal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const changes = follow(
    gateway,
    kind,
    { namespace, fieldSelector: `metadata.name=${name}` },
    { ...(signal && { signal }), onConnection: (error) => session.noteConnection(error) },
  );
  let said = '';
  let hint = GOES_ON;
  const look = (object: Workload): 'done' | 'failed' | 'going' => {
    const { state, text } = progressOf(object);
    hint = isPaused(object) ? `it is paused: "skyctl rollout resume ${kind.singular}/${name}" lets it go on` : GOES_ON;
    if (text !== said) say(text);
    said = text;
    return state;
  };
  try {
    for await (const change of changes) {
      const object = change.type === 'LIST' ? change.listing.items[0]?.object : change.item.object;
      if (object === undefined || change.type === 'DELETED') throw notThere(label);
      const state = look(object as Workload);
      if (state !== 'going') return state === 'done' ? EXIT.ok : EXIT.failure;
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  throw new CliError({
    code: EXIT.timeout,
    summary: `${label} was not rolled out in ${(timeoutMs ?? 0) / 1_000} s`,
    causes: [said],
    hint,
  });
};

const notThere = (label: string): CliError =>
  new CliError({ code: EXIT.notFound, summary: `${label} does not exist (any more)` });
