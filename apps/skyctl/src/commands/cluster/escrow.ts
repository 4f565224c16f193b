/** `skyctl cluster escrow list|get|verify|restore`: what a cluster cannot be without, from its sealed copies. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EscrowCopy } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { CLUSTER, objectPath } from '../../gateway/kinds.js';
import { ageOf } from '../../output/age.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';

interface Escrow {
  items: EscrowCopy[];
  text?: string;
}

/** Names of the files, as rke has them beside cluster.yml. */
const FILES: Readonly<Record<EscrowCopy['what'], string>> = {
  state: 'cluster.rkestate',
  kubeconfig: 'kube_config_cluster.yml',
  sshKey: 'ssh.key',
};
/** A state of k3s or RKE2 is not rke's. */
const fileOf = (what: EscrowCopy['what'], text: string): string =>
  what === 'state' && !text.includes('"desiredState"') ? 'cluster-state.json' : FILES[what];
const KINDS = Object.keys(FILES) as EscrowCopy['what'][];

const ask = async (gateway: GatewayClient, name: string, query: Record<string, string> = {}): Promise<Escrow> =>
  (await gateway.json<Escrow>({ path: `${objectPath(CLUSTER, undefined, name)}/escrow`, query })).body;

export const listEscrow: CommandHandler = async (session, { args, flags }) => {
  const [name = ''] = args;
  const { items } = await ask(await session.gateway(), name);
  const output = flags.text('output');
  if (output === 'json') session.terminal.line(JSON.stringify(items, undefined, 4));
  else if (output === 'yaml') session.terminal.write(await toYaml(items));
  else session.terminal.line(tableOf(items));
  return EXIT.ok;
};

const tableOf = (items: readonly EscrowCopy[]): string =>
  renderTable({
    columns: ['What', 'Version', 'Age', 'Authority', 'SHA-256', 'Sealed with', 'Cluster'],
    rows: items.map(({ what, version, at, caFingerprint, sha256, key, uid }) => [
      what,
      String(version),
      ageOf(at, Date.now()),
      caFingerprint.slice(0, 16),
      sha256.slice(0, 16),
      key,
      uid,
    ]),
  });

export const getEscrow: CommandHandler = async (session, { args, flags }) => {
  const [name = '', what = ''] = args;
  if (!KINDS.some((kind) => kind === what)) {
    throw usageError(`${what}: is nothing that is sealed`, `there are ${KINDS.join(', ')}`);
  }
  const version = flags.wholeNumber('version', 1);
  const { text = '' } = await ask(await session.gateway(), name, {
    what,
    ...(version === undefined ? {} : { version: String(version) }),
  });
  session.terminal.write(text);
  return EXIT.ok;
};

export const verifyEscrow: CommandHandler = async (session, { args }) => {
  const [name = ''] = args;
  const gateway = await session.gateway();
  // Of a cluster of the same name that was before, versions have the same numbers: what is opened are those of the newest.
  const { items } = await ask(gateway, name);
  const newest = items.filter(({ uid }) => uid === items.at(-1)?.uid);
  const rows: [string, string, string][] = [];
  for (const { what, version } of newest)
    rows.push([what, String(version), await verdictOn(gateway, name, what, version)]);
  session.terminal.line(renderTable({ columns: ['What', 'Version', 'Verdict'], rows }));
  const broken = rows.filter(([, , verdict]) => verdict !== SOUND).length;
  if (broken === 0) return EXIT.ok;
  throw new CliError({
    code: EXIT.failure,
    summary: `${String(broken)} of ${String(rows.length)} copies of cluster ${name} cannot be used`,
    hint: 'those that can: skyctl cluster escrow get NAME WHAT --version N',
  });
};

const SOUND = 'sound: it opens, and hash and authority are as they were sealed';

async function verdictOn(
  gateway: GatewayClient,
  name: string,
  what: EscrowCopy['what'],
  version: number,
): Promise<string> {
  try {
    await ask(gateway, name, { what, version: String(version) });
    return SOUND;
  } catch (error) {
    if (error instanceof CliError && error.code !== EXIT.unavailable) return error.message;
    throw error;
  }
}

export const restoreEscrow: CommandHandler = async (session, { args, flags }) => {
  const [name = ''] = args;
  const to = flags.text('to');
  if (to === undefined) throw usageError('say where to', '--to FOLDER');
  const gateway = await session.gateway();
  const { items } = await ask(gateway, name);
  const newest = items.at(-1)?.uid;
  const kinds = KINDS.filter((what) => items.some((item) => item.what === what && item.uid === newest));
  const opened = await Promise.all(kinds.map(async (what) => ({ what, ...(await ask(gateway, name, { what })) })));
  checkTogether(
    name,
    opened.flatMap((each) => each.items),
  );
  const folder = resolve(to);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { what, text = '' } of opened) {
    const path = join(folder, fileOf(what, text));
    await writeNew(path, text);
    session.terminal.line(path);
  }
  return EXIT.ok;
};

/** State and kubeconfig of different authorities would make a cluster that nothing can talk to. */
function checkTogether(name: string, copies: readonly EscrowCopy[]): void {
  const authorities = new Set(copies.filter(({ what }) => what !== 'sshKey').map(({ caFingerprint }) => caFingerprint));
  if (authorities.size <= 1) return;
  throw new CliError({
    code: EXIT.conflict,
    summary: `the newest copies of cluster ${name} are of different authorities: ${[...authorities].join(', ')}`,
    hint: `take versions that belong together: skyctl cluster escrow list ${name}, then get`,
  });
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CliError({
      code: isThere ? EXIT.conflict : EXIT.failure,
      summary: isThere ? `${path} is there already` : `${path} cannot be written: ${(error as Error).message}`,
      hint: 'name another folder with --to',
      cause: error,
    });
  }
}
