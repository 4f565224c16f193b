/** `skyctl attach`: the streams of a container's own process. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { granted, withOwnStreams } from '../../streams/own-terminal.js';
import { connectToPod } from '../../streams/pod-connection.js';
import { containerOf, podTarget } from '../../streams/pod-target.js';
import { REMOTE_COMMAND, runOver } from '../../streams/remote-command.js';
import { streamQuery } from '../exec/exec.js';

export const attach: CommandHandler = async (session, { args, flags }) => {
  const pod = await podTarget(session, args[0] ?? '');
  const container = containerOf(session, pod);
  const wishes = granted(session, { stdin: flags.on('stdin'), tty: flags.on('tty') });
  const webSocket = await connectToPod(await session.gateway(), {
    pod,
    subresource: 'attach',
    query: streamQuery(container.name, wishes),
    protocol: REMOTE_COMMAND,
  });
  if (wishes.tty) session.terminal.note('attached; the container may be waiting for a key');
  return withOwnStreams(wishes, (streams) => runOver(webSocket, streams));
};
