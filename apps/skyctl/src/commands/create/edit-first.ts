/** `create --edit`: what files have, changed in an editor before it is sent. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { usageError } from '../../cli/cli-error.js';
import { toYaml } from '../../output/documents.js';
import type { Session } from '../../session.js';
import type { PlannedObject } from '../apply/plan.js';
import { editorOf, openEditor } from '../edit/editor.js';

/** @throws CliError when there is no editor, or what comes of it is no object */
export async function editedInEditor(session: Session, planned: readonly PlannedObject[]): Promise<PlannedObject[]> {
  const editor = editorOf(session.env, process.stdin.isTTY);
  const folder = mkdtempSync(join(tmpdir(), 'skyctl-create-'));
  try {
    const edited: PlannedObject[] = [];
    for (const item of planned) {
      const file = join(folder, `${item.kind.singular}.yaml`);
      writeFileSync(file, await toYaml(item.object), { mode: 0o600 });
      openEditor(editor, file);
      edited.push({ ...item, object: objectIn(readFileSync(file, 'utf8'), item) });
    }
    return edited;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function objectIn(text: string, { where, object }: PlannedObject): PlannedObject['object'] {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw usageError(`${where}, as edited: ${(error as Error).message.split('\n', 1)[0] ?? ''}`);
  }
  const next = value as Partial<PlannedObject['object']> | null;
  if (next?.kind !== object.kind || typeof next.metadata?.name !== 'string') {
    throw usageError(`${where}, as edited: kind must stay ${object.kind}, and metadata.name must be there`);
  }
  return value as PlannedObject['object'];
}
