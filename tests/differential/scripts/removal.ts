/** Deleting: options, finalizers, owner references in all three ways, namespaces to their end. */
import type { Session } from '../fixture/session.js';
import type { Script } from './scripts.js';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };

interface Named {
  metadata: { name: string; uid: string };
}
interface List {
  items: Named[];
}

const names = ({ items }: List): string[] =>
  items
    .map(({ metadata: { name } }) => name)
    .filter((name) => name !== 'kube-root-ca.crt')
    .sort();

async function owned(session: Session, prefix: string, ownerPolicy: object): Promise<void> {
  const owner = (await session.api(`${prefix}: owner`, {
    method: 'POST',
    path: maps,
    body: { metadata: { name: `${prefix}-owner` } },
  })) as Named;
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid, ...ownerPolicy },
  ];
  for (const at of [1, 2]) {
    const metadata = { name: `${prefix}-${at}`, ownerReferences };
    await session.api(`${prefix}: owned ${at}`, { method: 'POST', path: maps, body: { metadata } });
  }
}

export const removal: Script = {
  name: 'removal',
  async play(session) {
    await session.api('create', { method: 'POST', path: maps, body: { metadata: { name: 'plain' } } });
    await session.api('try to delete', { method: 'DELETE', path: `${maps}/plain?dryRun=All` });
    await session.api('delete', { method: 'DELETE', path: `${maps}/plain` });
    await session.api('delete again', { method: 'DELETE', path: `${maps}/plain` });

    await session.api('create with a finalizer', {
      method: 'POST',
      path: maps,
      body: { metadata: { name: 'held', finalizers: ['a.b/c'] } },
    });
    await session.api('delete what is held', { method: 'DELETE', path: `${maps}/held` });
    await session.api('delete what is held, again', { method: 'DELETE', path: `${maps}/held` });
    await session.api('it is there still', { path: `${maps}/held` });
    await session.api('another finalizer', {
      method: 'PATCH',
      path: `${maps}/held`,
      body: { metadata: { finalizers: ['a.b/c', 'd.e/f'] } },
      headers: MERGE,
    });
    await session.api('let it go', {
      method: 'PATCH',
      path: `${maps}/held`,
      body: { metadata: { finalizers: null } },
      headers: MERGE,
    });
    await session.api('it is gone', { path: `${maps}/held` });

    for (const policy of ['Background', 'Foreground', 'Orphan']) {
      const prefix = policy.toLowerCase();
      await owned(session, prefix, { blockOwnerDeletion: true });
      await session.api(`${prefix}: delete the owner`, {
        method: 'DELETE',
        path: `${maps}/${prefix}-owner?propagationPolicy=${policy}`,
      });
      const left = policy === 'Orphan' ? 2 : 0;
      await session.settled<List>(
        `${prefix}: what is left`,
        maps,
        (list) => names(list).filter((name) => name.startsWith(prefix)).length === left,
        (list) => names(list),
      );
    }
    await session.settled<List>(
      'orphans have no owner',
      maps,
      () => true,
      ({ items }) =>
        items
          .filter(({ metadata }) => metadata.name.startsWith('orphan'))
          .map(({ metadata }) => ({ ...metadata, managedFields: undefined })),
    );
    const gone = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: '7c1a2ab6-0f0f-4c56-b9a1-000000000000' };
    await session.api('owned by what never was', {
      method: 'POST',
      path: maps,
      body: { metadata: { name: 'lost', ownerReferences: [gone] } },
    });
    await session.settled<List>('it is collected', maps, (list) => !names(list).includes('lost'), names);

    await endOfNamespace(session);
  },
};

async function endOfNamespace(session: Session): Promise<void> {
  const name = 'diff-removal-end';
  const path = `/api/v1/namespaces/${name}`;
  await session.api('a namespace', { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
  await session.settled<Named>(
    'its service account',
    `${path}/serviceaccounts/default`,
    ({ metadata }) => (metadata as { uid?: string } | undefined)?.uid !== undefined,
    ({ metadata: { name } }) => name,
  );
  await session.api('something in it', {
    method: 'POST',
    path: `${path}/configmaps`,
    body: { metadata: { name: 'held', finalizers: ['a.b/c'] } },
  });
  await session.api('something else in it', {
    method: 'POST',
    path: `${path}/secrets`,
    body: { metadata: { name: 's' } },
  });
  await session.api('delete it', { method: 'DELETE', path });
  await session.api('nothing new in it', {
    method: 'POST',
    path: `${path}/configmaps`,
    body: { metadata: { name: 'new' } },
  });
  await session.settled<{ status?: { conditions?: { type: string; status: string }[] } }>(
    'it waits, and says for what',
    path,
    ({ status }) =>
      status?.conditions?.some(
        ({ type, status: holds }) => type === 'NamespaceFinalizersRemaining' && holds === 'True',
      ) === true,
    ({ status }) => status,
  );
  await session.settled<List>('what is left in it', `${path}/configmaps`, () => true, names);
  await session.api('let it go to its end', {
    method: 'PATCH',
    path: `${path}/configmaps/held`,
    body: { metadata: { finalizers: null } },
    headers: MERGE,
  });
  await session.settled<{ code?: number }>('it is no more', path, ({ code }) => code === 404);
  await session.api('in what is no more', {
    method: 'POST',
    path: `${path}/configmaps`,
    body: { metadata: { name: 'new' } },
  });
}
