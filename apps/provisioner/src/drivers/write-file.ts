/** Files that are whole or not there, whenever we are killed. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

let writes = 0;

/** On disk when it resolves; only the owner may read it. Several may write the same file at once: the last one to end stays. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.${String(process.pid)}-${String(writes++)}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
