/** `skyctl version`. */
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';
import { skewOf, skewWarnings, type ServiceVersion } from './skew.js';

/** apimachinery version.Info, as far as it is read here. */
interface ServerVersion {
  gitVersion?: string;
  [field: string]: unknown;
}

export const showVersion: CommandHandler = async (session, { flags }) => {
  const { terminal, version } = session;
  const client = { version, node: process.versions.node, platform: `${process.platform}/${process.arch}` };
  let server: ServerVersion | undefined;
  let services: readonly ServiceVersion[] = [];
  let failure: CliError | undefined;
  if (!flags.on('client')) {
    try {
      server = await serverVersion(session);
      services = await serviceVersions(session);
    } catch (error) {
      // What is known is shown all the same.
      if (!(error instanceof CliError)) throw error;
      failure = error;
    }
  }
  const output = flags.text('output');
  if (output !== undefined) {
    const document = { client, ...(server === undefined ? {} : { server, services }) };
    terminal.write(output === 'yaml' ? await toYaml(document) : `${JSON.stringify(document, null, 4)}\n`);
  } else {
    terminal.line(`Client: skyctl ${client.version} (Node ${client.node}, ${client.platform})`);
    if (server !== undefined) terminal.line(`Server: SkyFlow ${server.gitVersion ?? 'of unknown version'}`);
    for (const line of skewOf(version, services)) terminal.line(line);
  }
  for (const warning of skewWarnings(version, services)) terminal.note(`WARNING: ${warning}`);
  if (failure !== undefined) terminal.note(renderError(failure, session.debug));
  return failure?.code ?? EXIT.ok;
};

async function serviceVersions(session: Session): Promise<readonly ServiceVersion[]> {
  try {
    const { body } = await (
      await session.gateway()
    ).json<{ services?: readonly ServiceVersion[] }>({ path: '/status' });
    return body.services ?? [];
  } catch (error) {
    // Other servers of the same API have no such route, and not everybody may see it.
    if (error instanceof CliError && (error.code === EXIT.notFound || error.code === EXIT.refused)) return [];
    throw error;
  }
}

async function serverVersion(session: Session): Promise<ServerVersion> {
  return (await (await session.gateway()).json<ServerVersion>({ path: '/version' })).body;
}
