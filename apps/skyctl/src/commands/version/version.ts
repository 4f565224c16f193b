/** `skyctl version`. */
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';
import { featureLines, type FeatureReport } from './features.js';
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
  let { services, agents, features }: Versions = { services: [], agents: [] };
  let failure: CliError | undefined;
  if (!flags.on('client')) {
    try {
      server = await serverVersion(session);
      ({ services, agents, features } = await versionsHeard(session));
    } catch (error) {
      // What is known is shown all the same.
      if (!(error instanceof CliError)) throw error;
      failure = error;
    }
  }
  const output = flags.text('output');
  if (output !== undefined) {
    const heard = { services, agents, ...(features === undefined ? {} : { features }) };
    const document = { client, ...(server === undefined ? {} : { server, ...heard }) };
    terminal.write(output === 'yaml' ? await toYaml(document) : `${JSON.stringify(document, null, 4)}\n`);
  } else {
    terminal.line(`Client: skyctl ${client.version} (Node ${client.node}, ${client.platform})`);
    if (server !== undefined) terminal.line(`Server: SkyFlow ${server.gitVersion ?? 'of unknown version'}`);
    const skew = [...skewOf(version, services), ...skewOf(version, agents, 'Agents')];
    for (const line of [...skew, ...(features === undefined ? [] : featureLines(features))]) terminal.line(line);
  }
  for (const warning of skewWarnings(version, services, agents)) terminal.note(`WARNING: ${warning}`);
  if (failure !== undefined) terminal.note(renderError(failure, session.debug));
  return failure?.code ?? EXIT.ok;
};

interface Versions {
  services: readonly ServiceVersion[];
  /** By name of their cluster. */
  agents: readonly ServiceVersion[];
  features?: FeatureReport | undefined;
}

/** `/status`, as far as it is read here. */
interface StatusBody {
  services?: readonly ServiceVersion[];
  clusters?: readonly { cluster: string; version?: string; level?: number }[];
  features?: FeatureReport;
}

/** Of an agent from before agents said it. */
const UNSAID = 'not said';

async function versionsHeard(session: Session): Promise<Versions> {
  try {
    const { body } = await (await session.gateway()).json<StatusBody>({ path: '/status' });
    const agents = (body.clusters ?? []).map(({ cluster, version = UNSAID, level }) => ({
      name: cluster,
      version,
      ...(level === undefined ? {} : { level }),
    }));
    return { services: body.services ?? [], agents, features: body.features };
  } catch (error) {
    // Other servers of the same API have no such route, and not everybody may see it.
    const isMeant = error instanceof CliError && (error.code === EXIT.notFound || error.code === EXIT.refused);
    if (isMeant) return { services: [], agents: [] };
    throw error;
  }
}

async function serverVersion(session: Session): Promise<ServerVersion> {
  return (await (await session.gateway()).json<ServerVersion>({ path: '/version' })).body;
}
