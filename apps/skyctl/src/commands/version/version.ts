/** `skyctl version`. */
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';

/** apimachinery version.Info, as far as it is read here. */
interface ServerVersion {
  gitVersion?: string;
  [field: string]: unknown;
}

export const showVersion: CommandHandler = async (session, { flags }) => {
  const { terminal, version } = session;
  const client = { version, node: process.versions.node, platform: `${process.platform}/${process.arch}` };
  let server: ServerVersion | undefined;
  let failure: CliError | undefined;
  if (!flags.on('client')) {
    try {
      server = await serverVersion(session);
    } catch (error) {
      // What is known is shown all the same.
      if (!(error instanceof CliError)) throw error;
      failure = error;
    }
  }
  const output = flags.text('output');
  if (output !== undefined) {
    const document = { client, ...(server === undefined ? {} : { server }) };
    terminal.write(output === 'yaml' ? await toYaml(document) : `${JSON.stringify(document, null, 4)}\n`);
  } else {
    terminal.line(`Client: skyctl ${client.version} (Node ${client.node}, ${client.platform})`);
    if (server !== undefined) terminal.line(`Server: SkyFlow ${server.gitVersion ?? 'of unknown version'}`);
  }
  if (failure !== undefined) terminal.note(renderError(failure, session.debug));
  return failure?.code ?? EXIT.ok;
};

async function serverVersion(session: Session): Promise<ServerVersion> {
  return (await (await session.gateway()).json<ServerVersion>({ path: '/version' })).body;
}
