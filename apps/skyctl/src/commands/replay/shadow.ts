/** `skyctl replay shadow`: what a shadow scheduler has found so far. */
import type { Mismatch } from '@skyflow/domain';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';
import { renderMismatch } from './render-mismatch.js';

interface Report {
  from?: number;
  seq: number;
  by: string;
  decisions: number;
  differences: number;
  newest: readonly Mismatch[];
  codes: readonly string[];
}

export const shadow: CommandHandler = async (session, { flags }) => {
  const { terminal } = session;
  const { body } = await (await session.gateway()).json<Report>({ path: '/log/shadow' });
  const output = flags.text('output');
  if (output === 'json') terminal.line(JSON.stringify(body, null, 4));
  else if (output === 'yaml') terminal.write(await toYaml(body));
  else {
    const { from = 1, seq, by, decisions, differences, newest, codes } = body;
    const range = from > 1 ? `from commit ${from} (what was before is purged) to ${seq}` : `up to commit ${seq}`;
    terminal.line(`${decisions} decisions by ${codes.join(', ') || 'nobody'} ${range}, decided again by ${by}`);
    if (differences === 0) terminal.line(terminal.paint('green', 'all are the same'));
    else terminal.line(terminal.paint('red', `${differences} differ; the newest:`));
    for (const mismatch of newest.slice(-3)) for (const line of renderMismatch(mismatch)) terminal.line(line);
  }
  return body.differences === 0 ? EXIT.ok : EXIT.failure;
};
