/** `npm run bench -- [B4 B5 …] [--json FILE]`: a row per budget, with the machine's own limit taken in the same run. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderTable } from './report.js';
import { judge, type Measured, type Row, type Suite } from './row.js';
import { agents } from './rows/agents.js';
import { clusterLoss } from './rows/cluster-loss.js';
import { commandLine } from './rows/command-line.js';
import { creates } from './rows/creates.js';
import { decisions } from './rows/decisions.js';
import { fairShare } from './rows/fair-share.js';
import { firstStart } from './rows/first-start.js';
import { growth } from './rows/growth.js';
import { idle } from './rows/idle.js';
import { meshGateway } from './rows/mesh-gateway.js';
import { past } from './rows/past.js';
import { placements } from './rows/placements.js';
import { propagation } from './rows/propagation.js';
import { reads } from './rows/reads.js';
import { realMembers } from './rows/real-members.js';
import { testTime } from './rows/test-time.js';
import { telemetry } from './rows/telemetry.js';
import { waiting } from './rows/waiting.js';
import { whatIfs } from './rows/what-ifs.js';

const suites: readonly Suite[] = [
  decisions,
  whatIfs,
  creates,
  placements,
  propagation,
  reads,
  past,
  growth,
  clusterLoss,
  agents,
  realMembers,
  commandLine,
  meshGateway,
  idle,
  firstStart,
  fairShare,
  waiting,
  testTime,
  telemetry,
];

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const known = suites.flatMap(({ budgets }) => budgets.map(({ id }) => id));
  if (values.help === true) {
    say(`npm run bench -- [ID …] [--json FILE]\nIDs: ${known.join(' ')} (B5 means B5a and B5b)`);
    return 0;
  }
  const wrong = positionals.filter((id) => !known.some((other) => names(id, other)));
  if (wrong.length > 0) {
    say(`No budget is called ${wrong.join(', ')}. There are: ${known.join(' ')}`);
    return 2;
  }
  const rows: Row[] = [];
  const failed: string[] = [];
  for (const suite of suites) {
    const wanted = suite.budgets.filter(
      ({ id }) => positionals.length === 0 || positionals.some((asked) => names(asked, id)),
    );
    if (wanted.length === 0) continue;
    try {
      const ids = new Set(wanted.map(({ id }) => id));
      const report = (id: string, measured: Measured): void => {
        const budget = wanted.find((one) => one.id === id);
        if (budget !== undefined) rows.push(judge(budget, measured));
      };
      await suite.run(report, say, ids);
    } catch (error) {
      // A row that cannot be measured is said, and the others still are.
      failed.push(
        `${wanted.map(({ id }) => id).join(', ')}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  process.stdout.write(`${renderTable(rows)}\n`);
  for (const text of failed) say(`not measured: ${text}`);
  if (values.json !== undefined)
    writeFileSync(resolve(process.env.INIT_CWD ?? '.', values.json), `${JSON.stringify(rows, undefined, 2)}\n`);
  return failed.length > 0 ? 1 : 0;
}

/** `B5` names B5a and B5b. */
const names = (asked: string, id: string): boolean => id === asked || id.replace(/[a-z]$/, '') === asked;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

process.exit(await main(process.argv.slice(2)));
