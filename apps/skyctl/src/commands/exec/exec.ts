/** `skyctl exec`: a command in a pod, with this terminal's streams and the command's exit code. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { granted, withOwnStreams } from '../../streams/own-terminal.js';
import { connectToPod } from '../../streams/pod-connection.js';
import { containerOf, podTarget } from '../../streams/pod-target.js';
import { REMOTE_COMMAND, runOver } from '../../streams/remote-command.js';

export const exec: CommandHandler = async (session, { args, flags, passThrough }) => {
  const [word = ''] = args;
  if (passThrough.length === 0) throw usageError('say which command', `write it after "--": skyctl exec ${word} -- ls`);
  const wishes = granted(session, { stdin: flags.on('stdin'), tty: flags.on('tty') });
  const pod = await podTarget(session, word);
  const container = containerOf(session, pod).name;
  const query = streamQuery(container, wishes);
  for (const part of passThrough) query.append('command', part);
  const gateway = await session.gateway();
  const webSocket = await connectToPod(gateway, { pod, subresource: 'exec', query, protocol: REMOTE_COMMAND });
  return withOwnStreams(wishes, (streams) => runOver(webSocket, streams));
};

/** Which streams of a container are wanted, as Kubernetes asks for them. */
export function streamQuery(container: string, { stdin, tty }: { stdin: boolean; tty: boolean }): URLSearchParams {
  return new URLSearchParams({
    container,
    stdout: 'true',
    ...(stdin ? { stdin: 'true' } : {}),
    // With a terminal all output comes as one.
    ...(tty ? { tty: 'true' } : { stderr: 'true' }),
  });
}
