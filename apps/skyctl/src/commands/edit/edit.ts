/** `skyctl edit`: an object in an editor, what was changed as a merge patch, and the editor again when that is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiObject } from '@skyflow/contracts';
import { parse } from 'yaml';
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { qualifiedName } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { getObject } from '../../gateway/listing.js';
import { namedTargets } from '../../gateway/targets.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';
import { guardPolicy } from '../apply/guard-moves.js';
import { sendPatch } from '../patch/send-patch.js';
import { editorOf, openEditor } from './editor.js';
import { mergePatchBetween } from './merge-patch-between.js';

export const edit: CommandHandler = async (session, call) => {
  const { flags } = call;
  const editor = editorOf(session.env, process.stdin.isTTY);
  const gateway = await session.gateway();
  for (const { kind, name, namespace } of await namedTargets(session, call)) {
    const object = await getObject(gateway, kind, namespace, name);
    // Only its owner reads it: of a Secret the values are in it.
    const folder = mkdtempSync(join(tmpdir(), 'skyctl-edit-'));
    try {
      await editOne(session, editor, { kind, namespace, object, file: join(folder, `${kind.singular}.yaml`) }, flags);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return EXIT.ok;
};

interface Edited {
  kind: ResourceKind;
  namespace: string | undefined;
  object: ApiObject;
  file: string;
}

async function editOne(session: Session, editor: string, edited: Edited, flags: Flags): Promise<void> {
  const { kind, namespace, object, file } = edited;
  const { terminal } = session;
  const label = `${qualifiedName(kind)}/${object.metadata.name}`;
  const { managedFields: _, ...metadata } = object.metadata;
  const original = flags.on('show-managed-fields') ? object : { ...object, metadata };
  let text = await toYaml(original);
  let refused: CliError | undefined;
  for (;;) {
    const given = headOf(refused) + text;
    writeFileSync(file, given, { mode: 0o600 });
    openEditor(editor, file);
    const after = readFileSync(file, 'utf8');
    text = withoutHead(after);
    if (after === given || text.trim() === '') {
      if (refused !== undefined) throw given === after ? withCopy(refused, text, kind) : cancelled(label);
      terminal.line(`${label}: nothing was changed`);
      return;
    }
    try {
      const patch = mergePatchBetween(original, parsed(text, object));
      if (patch === undefined) {
        terminal.line(`${label}: nothing was changed`);
        return;
      }
      const send = async (dryRun: boolean): Promise<ApiObject> =>
        await sendPatch(session, kind, namespace, object.metadata.name, 'merge', patch, dryRun);
      await guardPolicy(session, kind, flags, async () => await send(true));
      await send(false);
      terminal.line(`${label} edited`);
      if (flags.on('output-patch')) terminal.line(JSON.stringify(patch));
      return;
    } catch (error) {
      if (!(error instanceof CliError) || error.code === EXIT.unavailable) throw error;
      refused = error;
    }
  }
}

/** @throws CliError for what is not an object of the same name. */
function parsed(text: string, { kind, apiVersion, metadata }: ApiObject): object {
  const wrong = (summary: string, cause?: unknown): CliError => new CliError({ code: EXIT.usage, summary, cause });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw wrong((error as Error).message.split('\n', 1)[0] ?? 'not YAML', error);
  }
  const { kind: newKind, apiVersion: newVersion, metadata: newMetadata } = (value ?? {}) as Partial<ApiObject>;
  if (newKind !== kind || newVersion !== apiVersion) throw wrong(`it must stay kind: ${kind} of ${apiVersion}`);
  if (newMetadata?.name !== metadata.name) throw wrong(`metadata.name: must stay ${metadata.name}`);
  return value as object;
}

/** What was written and refused is not lost: it may have taken long. Only its owner reads the copy. */
function withCopy(refused: CliError, text: string, { singular }: ResourceKind): CliError {
  const copy = join(mkdtempSync(join(tmpdir(), 'skyctl-refused-')), `${singular}.yaml`);
  writeFileSync(copy, text, { mode: 0o600 });
  const { code, message: summary, causes, hint } = refused;
  const kept = `what you wrote is in ${copy}`;
  return new CliError({ code, summary, causes, hint: hint === undefined ? kept : `${hint}; ${kept}`, cause: refused });
}

const cancelled = (label: string): CliError =>
  new CliError({ code: EXIT.refused, summary: `${label} was not changed: the file was emptied` });

const HEAD = [
  'Edit the object below. Lines that begin with "#" on top are left out; a file left as it is changes nothing.',
  'If what is saved is refused, this file opens again with the reason.',
];

function headOf(refused: CliError | undefined): string {
  const reason = refused === undefined ? [] : ['', ...renderError(refused, false).split('\n')];
  return [...HEAD, ...reason].map((line) => `# ${line}`.trimEnd()).join('\n') + '\n#\n';
}

const withoutHead = (text: string): string => text.replace(/^(#.*\n)+/, '');
