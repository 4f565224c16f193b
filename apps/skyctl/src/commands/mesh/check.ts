/** `skyctl mesh check`. */
import type { MeshCheck } from '@skyflow/contracts';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { renderTable } from '../../output/table.js';

const MARKS = { ok: 'ok', warning: 'warn', error: 'FAIL' } as const;

export const meshCheck: CommandHandler = async (session) => {
  const { terminal } = session;
  const gateway = await session.gateway();
  const request = { method: 'POST', path: '/apis/skyflow.io/v1/meshchecks', body: {} };
  const { body } = await gateway.json<{ status: MeshCheck }>(request);
  const { findings } = body.status;
  terminal.line(
    renderTable({
      columns: ['', 'Where', 'What'],
      rows: findings.map(({ level, where, message, hint }) => [
        MARKS[level],
        where,
        hint === undefined ? message : `${message}\n→ ${hint}`,
      ]),
    }),
  );
  const failed = findings.filter(({ level }) => level === 'error').length;
  terminal.line('');
  terminal.line(failed === 0 ? 'The mesh works.' : `${failed} of ${findings.length} do not work.`);
  return failed === 0 ? EXIT.ok : EXIT.failure;
};
