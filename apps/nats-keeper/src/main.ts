/** Entry point of the keeper: `main.js keys|config|rotate` do one thing and end, `main.js run` is the service. */
import { EnvironmentError, readEnvironment, runProcess } from '@skyflow/service';
import { configure, makeKeys, rotate } from './commands.js';
import { keep } from './keep.js';
import { apiSettings, commandSettings, keeperSettings } from './settings.js';

const COMMANDS = { keys: makeKeys, config: configure, rotate };
const USAGE = `Usage: nats-keeper keys|config|rotate|run

  keys     makes the keys of the services at NATS that are missing
  config   writes nats-server's configuration; before it starts
  rotate   gives every service another key, in a Kubernetes cluster, while all run
  run      follows the API and lets agents in and out; with the keys in a folder, SIGUSR2 rotates them
`;

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

async function once(command: keyof typeof COMMANDS): Promise<number> {
  try {
    tell(await COMMANDS[command](readEnvironment(commandSettings), tell));
    return 0;
  } catch (error) {
    process.stderr.write(`nats-keeper: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof EnvironmentError ? 2 : 1;
  }
}

const command = process.argv[2] ?? 'run';
if (command === 'run') {
  const settings = { ...keeperSettings, ...apiSettings };
  await runProcess({ name: 'nats-keeper', settings, args: process.argv.slice(3) }, keep);
} else if (Object.hasOwn(COMMANDS, command)) process.exit(await once(command as keyof typeof COMMANDS));
else {
  process.stderr.write(`nats-keeper: "${command}" is no command.\n\n${USAGE}`);
  process.exit(2);
}
