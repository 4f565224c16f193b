/** `skyctl cluster cordon|uncordon`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { CLUSTER, qualifiedName } from '../../gateway/kinds.js';
import { clustersNamed, patchSpec } from './clusters.js';

export const cordon: CommandHandler = async (session, { args }) => {
  const gateway = await session.gateway();
  for (const { metadata, spec } of await clustersNamed(gateway, args)) {
    const label = `${qualifiedName(CLUSTER)}/${metadata.name}`;
    if (spec.unschedulable === true) {
      session.terminal.line(`${label} already cordoned`);
      continue;
    }
    await patchSpec(gateway, metadata.name, { unschedulable: true });
    session.terminal.line(`${label} cordoned`);
  }
  return EXIT.ok;
};

export const uncordon: CommandHandler = async (session, { args }) => {
  const gateway = await session.gateway();
  for (const { metadata, spec } of await clustersNamed(gateway, args)) {
    const label = `${qualifiedName(CLUSTER)}/${metadata.name}`;
    if (spec.unschedulable !== true) {
      session.terminal.line(`${label} already uncordoned`);
      continue;
    }
    await patchSpec(gateway, metadata.name, { unschedulable: null, drain: null });
    session.terminal.line(`${label} uncordoned`);
  }
  return EXIT.ok;
};
