/** Entry point of `npm run up` and `npm run down`. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { down } from './down.js';
import { Home } from './home.js';
import { parseOptions, USAGE, UsageError } from './options.js';
import { rotateKeys } from './rotate-keys.js';
import { report, up, upDetached } from './up.js';

const program = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Of the one that looks after the others: on its command line, whether it was started by its path or, as by npm, from the checkout. */
const mark = relative(root, program);

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args, process.env.INIT_CWD ?? process.cwd());
    const home = Home.fromEnvironment();
    switch (options.command) {
      case 'help':
        process.stdout.write(`${USAGE}\n`);
        return 0;
      case 'down':
        await down(home, options);
        return 0;
      case 'up':
        if (options.rotateKeys) await rotateKeys(home);
        else if (options.detach && process.env.SKYFLOW_UP_DETACHED !== '1') await upDetached(args, home, program);
        else await up(options, home, root, mark);
        return 0;
    }
  } catch (error) {
    report(error);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exit(await main(process.argv.slice(2)));
