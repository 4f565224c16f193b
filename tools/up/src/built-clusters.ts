/** Clusters that SkyFlow has built, as the provisioner keeps them in a file: with the data, the way to take them down would go. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.js';

interface Built {
  clusters: {
    name: string;
    machines: { name: string; driver: string; providerId?: string; host?: string; region?: string }[];
  }[];
}

/** It says what is there and what to do. */
export class BuiltClustersError extends Error {
  override readonly name = 'BuiltClustersError';
}

/** @throws BuiltClustersError when there are any. */
export function refuseToAbandon(home: Pick<Home, 'path'>): void {
  const { clusters } = read(join(home.path, 'provisioner', 'built.json'));
  if (clusters.length === 0) return;
  const lines = clusters.map(({ name, machines }) => `  ${name}: ${machines.map(wordsOf).join(', ')}`);
  throw new BuiltClustersError(
    [
      `SkyFlow has built ${String(clusters.length)} cluster${clusters.length === 1 ? '' : 's'} whose machines are still there:`,
      ...lines,
      'Without its data nobody knows of them, and what is rented goes on costing money. Nothing was stopped or removed.',
      'Take them down first:  skyctl delete cluster NAME  (and wait until it is gone)',
      'Or leave them to yourself:  npm run down -- --purge --abandon-clusters',
    ].join('\n'),
  );
}

const wordsOf = ({ name, driver, providerId, host, region }: Built['clusters'][number]['machines'][number]): string =>
  driver === 'static' ? (host ?? name) : `${providerId ?? name} (${driver}${region === undefined ? '' : ` ${region}`})`;

function read(file: string): Built {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Built;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { clusters: [] };
    throw new BuiltClustersError(
      `${file} cannot be read (${(error as Error).message}), so nobody can say whether clusters that were built are still there.\nLook at it; to remove all data all the same: npm run down -- --purge --abandon-clusters`,
      { cause: error },
    );
  }
}
