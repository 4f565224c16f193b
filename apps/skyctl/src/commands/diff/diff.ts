/** `skyctl diff`: both states of every object in two directories, and the program that compares them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { qualifiedName } from '../../gateway/kinds.js';
import { typed } from '../../gateway/listing.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';
import { applyOne } from '../apply/apply-one.js';
import { planOf } from '../apply/plan.js';
import { masked } from './masked.js';

/** What diff programs end with: same, different, and anything above is a failure. */
const DIFFERENT = 1;

export const diff: CommandHandler = async (session, call) => {
  const { flags } = call;
  const planned = await planOf(session, call);
  const gateway = await session.gateway();
  const folder = mkdtempSync(join(tmpdir(), 'skyctl-diff-'));
  try {
    for (const side of ['LIVE', 'MERGED']) mkdirSync(join(folder, side), { mode: 0o700 });
    for (const item of planned) {
      const { before, object } = await applyOne(gateway, item, {
        fieldManager: flags.text('field-manager'),
        force: flags.on('force-conflicts'),
        dryRun: true,
      });
      const name = `${qualifiedName(item.kind)}.${item.namespace ?? ''}.${object.metadata.name}`.replaceAll('/', '-');
      const managed = flags.on('show-managed-fields');
      const [live, merged] = masked(
        before && shown(typed(item.kind, before), managed),
        shown(before === undefined ? unborn(typed(item.kind, object)) : typed(item.kind, object), managed),
      );
      if (live !== undefined) writeFileSync(join(folder, 'LIVE', name), await toYaml(live), { mode: 0o600 });
      writeFileSync(join(folder, 'MERGED', name), await toYaml(merged), { mode: 0o600 });
    }
    return compare(session, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function compare({ env, terminal }: Session, folder: string): number {
  const [program = 'diff', ...args] = (env.KUBECTL_EXTERNAL_DIFF ?? 'diff -u -N').trim().split(/\s+/);
  const { status, error, stdout, stderr } = spawnSync(program, [...args, 'LIVE', 'MERGED'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error === undefined && status !== null && status <= DIFFERENT) {
    terminal.write(stdout);
    return status;
  }
  throw new CliError({
    code: EXIT.usage,
    summary: `the program "${program}" ${error === undefined ? `failed: ${stderr.trim()}` : `cannot be run: ${error.message}`}`,
    hint: 'name one that compares two directories in KUBECTL_EXTERNAL_DIFF, such as "git diff --no-index --"',
  });
}

/** Without what changes with every write. */
function shown(object: ApiObject, managed: boolean): ApiObject {
  const { managedFields, resourceVersion: _, generation: __, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(managed ? { managedFields } : {}) } } as ApiObject;
}

/** What a new object gets by chance. */
function unborn(object: ApiObject): ApiObject {
  const { uid: _, creationTimestamp: __, ...metadata } = object.metadata;
  return { ...object, metadata } as ApiObject;
}
