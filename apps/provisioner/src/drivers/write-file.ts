/** Files that are whole or not there, whenever we are killed. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

let writes = 0;

/** On disk when it resolves; only the owner may read it, or run it with mode 0o700. Several may write the same file at once: the last one to end stays. */
export async function writeFileDurably(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  const temporary = `${path}.${String(process.pid)}-${String(writes++)}.tmp`;
  const file = await open(temporary, 'w', mode);
  try {
    await file.writeFile(content);
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
