/** Words to offer for a kind of value, from the definitions, the configuration file or the server. */
import type { Completable } from '../../cli/command-spec.js';
import { configPath, readConfig } from '../../config/config-file.js';
import { resolveKind, servedKinds } from '../../gateway/discovery.js';
import {
  CLUSTER,
  DEPLOYMENT,
  JOB,
  KNOWN_KINDS,
  NAMESPACE,
  PLACEMENT_POLICY,
  PRIORITY_CLASS,
  QUEUE,
} from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import type { Session } from '../../session.js';

export interface Candidate {
  word: string;
  description?: string;
}

/** The one line that makes the shell complete names of files. */
const FILES: Candidate = { word: ':file' };

export async function candidatesFor(
  session: Session,
  what: Completable | undefined,
  positionals: readonly string[],
  prefix: string,
): Promise<Candidate[]> {
  if (what === undefined) return [];
  if (typeof what === 'object') return what.map((word) => ({ word }));
  const [kindWord, name] = prefix.split('/', 2);
  if (name !== undefined && kindWord !== undefined && what !== 'file') {
    const kind = await resolveKind(kindWord, await session.gateway());
    return (await namesOfKind(session, kind)).map((word) => ({ word: `${kindWord}/${word}` }));
  }
  switch (what) {
    case 'file':
      return [FILES];
    case 'kind':
      return await kindWords(session);
    case 'workload':
      return [JOB, DEPLOYMENT].map(({ singular, plural }) => ({ word: singular, description: plural }));
    case 'kind:name': {
      const kind = await resolveKind(positionals[0] ?? '', await session.gateway());
      return (await namesOfKind(session, kind)).map((word) => ({ word }));
    }
    case 'job':
      return (await namesOfKind(session, JOB)).map((word) => ({ word }));
    case 'namespace':
      return (await namesOfKind(session, NAMESPACE)).map((word) => ({ word }));
    case 'cluster':
      return (await namesOfKind(session, CLUSTER)).map((word) => ({ word }));
    case 'queue':
      return (await namesOfKind(session, QUEUE)).map((word) => ({ word }));
    case 'priorityclass':
      return (await namesOfKind(session, PRIORITY_CLASS)).map((word) => ({ word }));
    case 'policy':
      return (await namesOfKind(session, PLACEMENT_POLICY)).map((word) => ({ word }));
    case 'context':
      return ((await readConfig(configPath(session.env)))?.contexts ?? []).map(({ name: word }) => ({ word }));
  }
}

async function namesOfKind(session: Session, kind: ResourceKind): Promise<string[]> {
  const namespace = kind.namespaced ? { namespace: await session.namespace() } : {};
  const { items } = await listObjects(await session.gateway(), kind, namespace);
  return items.map(({ object }) => object.metadata.name);
}

/** Known kinds at once; those that the server has besides, if it answers. */
async function kindWords(session: Session): Promise<Candidate[]> {
  const served = await session
    .gateway()
    .then(servedKinds)
    .catch(() => []);
  const words = new Map<string, string>();
  for (const { plural, kind, group } of [...KNOWN_KINDS, ...served]) {
    if (!words.has(plural)) words.set(plural, group === '' ? kind : `${kind} (${group})`);
  }
  return [...words].map(([word, description]) => ({ word, description }));
}
