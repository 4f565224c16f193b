/** `skyctl cluster join`: the manifest with which a cluster's agent comes in, or the end of what it was let in with. */
import { isDnsLabel, type Cluster } from '@skyflow/contracts';
import { stringify } from 'yaml';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { CLUSTER, objectPath, qualifiedName } from '../../gateway/kinds.js';
import { getObject } from '../../gateway/listing.js';
import type { Session } from '../../session.js';
import { joinManifest, joinValues, unreachableFromPods } from './join-manifest.js';

const IMAGE = 'skyflow/control-plane:0.1.0';

export const join: CommandHandler = async (session, { args, flags }) => {
  const [name = ''] = args;
  if (!isDnsLabel(name)) {
    throw usageError(`"${name}" is no name of a cluster`, 'use lower-case letters, digits and "-", at most 63');
  }
  const gateway = await session.gateway();
  if (flags.on('revoke')) return revoke(session, gateway, name);
  const { metadata } = await clusterToJoin(session, gateway, name);
  const expiresInMs = flags.durationMs('expires-in');
  const { body } = await gateway.json<{ name: string; joinToken: string; expiresAt: string }>({
    method: 'POST',
    path: '/auth/joins',
    body: {
      cluster: name,
      ...(expiresInMs === undefined ? {} : { expiresInSeconds: Math.round(expiresInMs / 1_000) }),
    },
  });
  const { server, ca } = gateway.connection;
  const options = {
    cluster: name,
    uid: metadata.uid,
    api: flags.text('api-url') ?? server.origin,
    ...(ca === undefined ? {} : { authority: ca }),
    joinToken: body.joinToken,
    tokenName: body.name,
    image: flags.text('image') ?? IMAGE,
  };
  const unreachable = unreachableFromPods(options.api);
  if (unreachable !== undefined) session.terminal.note(`warning: ${unreachable}`);
  if (flags.on('helm')) {
    session.terminal.write(stringify(joinValues(options)));
    session.terminal.note(
      `Install it by ${body.expiresAt}: skyctl cluster join ${name} --helm | helm --kube-context ${name} install skyflow-agent deploy/charts/skyflow-agent -n skyflow --create-namespace -f -`,
    );
    return EXIT.ok;
  }
  const objects = joinManifest(options);
  session.terminal.line(objects.map((object) => stringify(object).trimEnd()).join('\n---\n'));
  session.terminal.note(
    `Apply it to the cluster by ${body.expiresAt}: skyctl cluster join ${name} | kubectl --context ${name} apply -f -`,
  );
  return EXIT.ok;
};

async function revoke(session: Session, gateway: GatewayClient, cluster: string): Promise<number> {
  const { body } = await gateway.json<{ revoked: readonly string[] }>({
    method: 'POST',
    path: '/auth/joins/revoke',
    body: { cluster },
  });
  const count = body.revoked.length;
  const what = count === 0 ? 'had no agent that could come in' : `revoked ${count} token${count === 1 ? '' : 's'}`;
  session.terminal.line(`${qualifiedName(CLUSTER)}/${cluster} ${what}`);
  return EXIT.ok;
}

/** The Cluster, made if there is none: its agent runs in it, so it names no context. */
async function clusterToJoin(session: Session, gateway: GatewayClient, name: string): Promise<Cluster> {
  try {
    return (await getObject(gateway, CLUSTER, undefined, name)) as Cluster;
  } catch (error) {
    if (!(error instanceof CliError && error.code === EXIT.notFound)) throw error;
  }
  const object = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name }, spec: { manager: 'k8' } };
  const path = objectPath(CLUSTER, undefined, name).replace(/\/[^/]+$/, '');
  const { body } = await gateway.json<Cluster>({ method: 'POST', path, body: object });
  session.terminal.note(`${qualifiedName(CLUSTER)}/${name} created`);
  return body;
}
