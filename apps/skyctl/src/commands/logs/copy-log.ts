/** One log, from the gateway to an output: once, or followed. */
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { OutputStream } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { followLog, type LogQuery, writeTo } from './follow-log.js';

/** @param object its path. @throws CliError when it cannot be read, or breaks off */
export async function copyLog(
  session: Session,
  gateway: GatewayClient,
  object: string,
  query: LogQuery,
  sink: OutputStream,
): Promise<void> {
  const path = `${object}/log`;
  if (query.follow === true) {
    await followLog(gateway, path, query, sink, (error) => session.noteConnection(error));
    return;
  }
  const stream = await gateway.stream({ path, query });
  try {
    for await (const chunk of stream) await writeTo(sink, chunk as Uint8Array);
  } catch (error) {
    throw new CliError({
      code: EXIT.unavailable,
      summary: 'the log broke off: the connection to the server was lost',
      hint: 'run it again; --since 1m shows only the newest',
      cause: error,
    });
  }
}
