/** `skyctl cluster orphans`: what was rented and belongs to nobody. */
import type { ProvisionFailure } from '@skyflow/contracts';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { ageOf } from '../../output/age.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';

const ORPHANS = '/apis/skyflow.io/v1/orphans';

interface Orphan {
  provider: string;
  region: string;
  id: string;
  name: string;
  clusterName: string;
  seenAt: string;
  phase: 'Seen' | 'Ending';
  failure?: ProvisionFailure;
}

export const orphans: CommandHandler = async (session, { flags }) => {
  const { terminal } = session;
  const { body } = await (await session.gateway()).json<{ items: Orphan[] }>({ path: ORPHANS });
  const output = flags.text('output');
  if (output === 'json') terminal.line(JSON.stringify(body, undefined, 4));
  else if (output === 'yaml') terminal.write(await toYaml(body));
  else if (body.items.length === 0)
    terminal.line(
      'No orphans are known: every rented machine that was listed, and what they share, belongs to a cluster, or stays as --retain said.',
    );
  else terminal.line(tableOf(body.items));
  return EXIT.ok;
};

function tableOf(items: readonly Orphan[]): string {
  return renderTable({
    columns: ['Id', 'Where', 'Name', 'Was for', 'Seen', 'What is done'],
    rows: items.map(({ provider, region, id, name, clusterName, seenAt, phase, failure }) => [
      id,
      `${provider} ${region}`,
      name,
      clusterName,
      `${ageOf(seenAt, Date.now())} ago`,
      failure?.message ?? (phase === 'Seen' ? 'looked at; ended when it stays alone' : 'told to end'),
    ]),
  });
}
