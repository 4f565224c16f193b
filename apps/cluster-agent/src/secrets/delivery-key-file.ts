/**
 * The agent's own key, to which gateways seal the keys of Secrets. Kept beside the desired state so that a restart needs no new
 * one; it needs no backup: an agent that lost it publishes another, and is given everything anew.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeliveryKey } from '@skyflow/agent-link';
import type { Logger } from '@skyflow/service';

/** @param directory absent: the key lives as long as the process. */
export async function loadDeliveryKey(directory: string | undefined, logger: Logger): Promise<DeliveryKey> {
  if (directory === undefined) return DeliveryKey.generate();
  const path = join(directory, 'sealing-key.pem');
  try {
    return DeliveryKey.fromPem(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      logger.warn({ path, err: error }, 'the key for Secrets cannot be read; a new one takes its place');
    }
  }
  const key = DeliveryKey.generate();
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(`${path}.tmp`, key.toPem(), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  } catch (error) {
    logger.warn({ path, err: error }, 'the key for Secrets cannot be kept; the next start makes a new one');
  }
  return key;
}
