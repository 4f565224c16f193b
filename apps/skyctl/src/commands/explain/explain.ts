/**
 * `skyctl explain job NAME`: what each cluster has to say to it now and in the last decision, and how long it may have to wait.
 * `skyctl explain job.spec`: what fields mean.
 */
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { objectPath, qualifiedName } from '../../gateway/kinds.js';
import { singleTarget } from '../../gateway/targets.js';
import { toYaml } from '../../output/documents.js';
import { type Explanation, renderExplanation } from './render-explanation.js';

export const explain: CommandHandler = async (session, { args, flags }) => {
  const [word = ''] = args;
  if (args.length === 1 && !word.includes('/')) {
    const { explainFields } = await import('./explain-fields.js');
    await explainFields(session, word, flags);
    return EXIT.ok;
  }
  const gateway = await session.gateway();
  const { kind, name } = await singleTarget(args, gateway);
  const namespace = kind.namespaced ? await session.namespace() : undefined;
  const { body } = await gateway.json<Explanation>({ path: `${objectPath(kind, namespace, name)}/explain` });
  const output = flags.text('output');
  if (output !== undefined) {
    session.terminal.write(output === 'yaml' ? await toYaml(body) : `${JSON.stringify(body, null, 4)}\n`);
    return EXIT.ok;
  }
  if (body.verdicts === undefined && body.now === undefined) {
    throw new CliError({
      code: EXIT.failure,
      summary: flags.has('at')
        ? `the scheduler had not decided about ${qualifiedName(kind)}/${name} by then`
        : `the scheduler has not decided about ${qualifiedName(kind)}/${name} yet`,
      hint: '"skyctl status" shows whether the scheduler runs',
    });
  }
  session.terminal.line(renderExplanation(body, session.terminal));
  return EXIT.ok;
};
