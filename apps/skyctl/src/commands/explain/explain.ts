/** `skyctl explain job NAME`: the scheduler's verdict on each cluster, as it was recorded with the decision. */
import type { ClusterVerdict, Placement } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { objectPath, qualifiedName } from '../../gateway/kinds.js';
import { singleTarget } from '../../gateway/targets.js';
import { toYaml } from '../../output/documents.js';
import { decimals } from '../../output/resources.js';
import { renderTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';

/** What the gateway answers at `…/explain`. */
export interface Explanation {
  placements?: readonly Placement[];
  unplaced?: number;
  reason?: string;
  message?: string;
  /** Position of the log that the decision was made from, and of the code that made it. */
  basis?: number;
  code?: string;
  verdicts?: readonly ClusterVerdict[];
}

export const explain: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const { kind, name } = await singleTarget(args, gateway);
  const namespace = kind.namespaced ? await session.namespace() : undefined;
  const { body } = await gateway.json<Explanation>({ path: `${objectPath(kind, namespace, name)}/explain` });
  const output = flags.text('output');
  if (output !== undefined) {
    session.terminal.write(output === 'yaml' ? await toYaml(body) : `${JSON.stringify(body, null, 4)}\n`);
    return EXIT.ok;
  }
  if (body.verdicts === undefined) {
    throw new CliError({
      code: EXIT.failure,
      summary: `the scheduler has not decided about ${qualifiedName(kind)}/${name} yet`,
      hint: '"skyctl status" shows whether the scheduler runs',
    });
  }
  session.terminal.line(renderExplanation(body, session.terminal));
  return EXIT.ok;
};

export function renderExplanation(explanation: Explanation, terminal: Terminal): string {
  const { placements = [], unplaced = 0, verdicts = [], reason, message, basis, code } = explanation;
  const given = new Map(placements.map(({ cluster, replicas }) => [cluster, replicas]));
  const rows = verdicts.map(({ cluster, plugin, reason: why, message: said, score, fits }) => [
    cluster,
    given.has(cluster)
      ? terminal.paint('green', 'taken')
      : plugin === undefined
        ? 'not needed'
        : terminal.paint('red', 'refused'),
    String(given.get(cluster) ?? 0),
    fits === undefined ? '-' : String(fits),
    score === undefined ? '-' : decimals(score, 2),
    [plugin, said ?? why].filter(Boolean).join(': '),
  ]);
  const lines = [renderTable({ columns: ['Cluster', 'Verdict', 'Replicas', 'Fits', 'Score', 'Why'], rows })];
  if (unplaced > 0) lines.push('', `${unplaced} waiting: ${message ?? reason ?? 'no reason recorded'}`);
  if (basis !== undefined) {
    lines.push(
      '',
      terminal.paint('dim', `decided from position ${basis} of the log${code === undefined ? '' : ` by ${code}`}`),
    );
  }
  return lines.join('\n');
}
