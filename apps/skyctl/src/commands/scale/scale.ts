/** `skyctl scale`. */
import type { Job } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath, qualifiedName } from '../../gateway/kinds.js';
import { getObject } from '../../gateway/listing.js';
import { targetsOf } from '../../gateway/targets.js';
import { FIELD_MANAGER } from '../create/submit.js';

export const scale: CommandHandler = async (session, { args, flags }) => {
  const replicas = flags.wholeNumber('replicas', Number.NEGATIVE_INFINITY);
  if (replicas === undefined) throw usageError('say how many: --replicas COUNT');
  const expected = flags.wholeNumber('current-replicas');
  const gateway = await session.gateway();
  const namespace = await session.namespace();
  for (const { kind, names } of await targetsOf(args, gateway)) {
    if (names.length === 0) throw usageError('name what to scale', 'such as: skyctl scale job hello --replicas 3');
    for (const name of names) {
      const path = objectPath(kind, namespace, name);
      const version =
        expected === undefined
          ? undefined
          : checked((await getObject(gateway, kind, namespace, name)) as Job, expected);
      await patchReplicas(gateway, path, replicas, version);
      session.terminal.line(`${qualifiedName(kind)}/${name} scaled`);
    }
  }
  return EXIT.ok;
};

async function patchReplicas(
  gateway: GatewayClient,
  path: string,
  replicas: number,
  resourceVersion: string | undefined,
): Promise<void> {
  await gateway.json({
    method: 'PATCH',
    path,
    query: { fieldManager: FIELD_MANAGER },
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas }, ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }) },
  });
}

/** The version that was looked at, so that a change in between is noticed. */
function checked({ spec, metadata }: Job, expected: number): string {
  if (spec.replicas === expected) return metadata.resourceVersion;
  throw new CliError({
    code: EXIT.conflict,
    summary: `${metadata.name} has ${spec.replicas} replicas, not ${expected}: nothing was changed`,
  });
}
