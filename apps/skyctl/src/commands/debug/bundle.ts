/** `skyctl debug bundle`: all that a bug report needs in one archive, without secrets. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { configPath, readConfig } from '../../config/config-file.js';
import type { Session } from '../../session.js';
import { Collector, type Collected, type Part } from './collect.js';
import { learnConfig, learnLocal, learnSecrets } from './known-secrets.js';
import { Scrubber } from './scrub.js';

export const bundle: CommandHandler = async (session, { flags }) => {
  const { terminal, env } = session;
  const now = new Date();
  const name = `skyflow-debug-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const file = flags.text('output') ?? `${name}.tar.gz`;
  const home = dirname(configPath(env));
  const scrubber = new Scrubber();
  await learnLocal(scrubber, home, env);
  learnConfig(scrubber, await readConfig(configPath(env)).catch(() => undefined));
  const collector = new Collector(session, scrubber);
  const { collected } = collector;
  const gateway = await connected(session, scrubber, collected);
  await collector.ofThisMachine(home);
  if (gateway !== undefined) await collector.ofServer(gateway);
  const parts = [{ path: 'README.txt', text: readme(now, collected) }, ...collected.parts];
  await write(file, name, parts, now);
  for (const { path, text } of parts) terminal.line(`${path}  ${sizeText(text)}`);
  for (const line of collected.missing) terminal.note(`left out: ${line}`);
  session.remark(`written to ${file}; names and addresses are in it: read it before you send it`);
  return EXIT.ok;
};

const UNKNOWN_SECRETS = 'values of Secrets, to look for them elsewhere: read through the logs before you send them';

/** Undefined: the server cannot be asked; the bundle says so, and has what this machine knows. */
async function connected(session: Session, scrubber: Scrubber, { missing }: Collected) {
  try {
    const { token } = await session.connection();
    if (token !== undefined) scrubber.add(token);
    const gateway = await session.gateway();
    await gateway.json({ path: '/version' });
    await learnSecrets(scrubber, gateway).catch((error: unknown) => {
      missing.push(`${UNKNOWN_SECRETS} (${scrubber.text(reasonOf(error))})`);
    });
    return gateway;
  } catch (error) {
    missing.push(scrubber.text(`everything that the server knows: ${reasonOf(error)}`), UNKNOWN_SECRETS);
    return undefined;
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readme(now: Date, { parts, missing }: Collected): string {
  const list = parts.map(({ path, text }) => `  ${path}  ${sizeText(text)}`);
  const left = missing.length === 0 ? ['  nothing'] : missing.map((line) => `  ${line}`);
  return [
    `A bundle of "skyctl debug bundle", ${now.toISOString()}.`,
    '',
    'In it:',
    ...list,
    '',
    'Could not be had:',
    ...left,
    '',
    'Left out, or replaced by "…": tokens, keys, passwords, values of Secrets and ConfigMaps, annotations, environment and command',
    'lines of containers. Names of clusters, namespaces, objects, nodes and users, and addresses, are in it.',
    '',
  ].join('\n');
}

const sizeText = (text: string): string => `${Math.ceil(Buffer.byteLength(text) / 1_024)} KiB`;

/** Readable by its owner only; nothing is left of one that could not be written. */
async function write(file: string, folder: string, parts: readonly Part[], mtime: Date): Promise<void> {
  const archive = pack();
  for (const { path, text } of parts) archive.entry({ name: `${folder}/${path}`, mode: 0o600, mtime }, text);
  archive.finalize();
  try {
    await pipeline(archive, createGzip(), createWriteStream(file, { mode: 0o600, flags: 'wx' }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new CliError({ code: EXIT.usage, summary: `${file} is there already`, hint: 'name another file' });
    }
    await rm(file, { force: true });
    throw new CliError({ code: EXIT.failure, summary: `${file} cannot be written: ${message}` });
  }
}
