/** Watches: the events of a known history, as they come, and where a watch may begin. */
import type { Session } from '../fixture/session.js';
import type { Script } from './scripts.js';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };

interface List {
  metadata: { resourceVersion: string };
}

/** Unnoted writes, one after the other. */
async function history(session: Session, prefix: string, name: string): Promise<void> {
  const path = `${maps}/${name}`;
  const labels = { watched: prefix };
  await session.api(`${prefix}: create`, {
    method: 'POST',
    path: maps,
    body: { metadata: { name, labels }, data: { a: '1' } },
  });
  await session.api(`${prefix}: change`, { method: 'PATCH', path, body: { data: { a: '2' } }, headers: MERGE });
  await session.api(`${prefix}: change nothing`, { method: 'PATCH', path, body: { data: { a: '2' } }, headers: MERGE });
  await session.api(`${prefix}: leave`, {
    method: 'PATCH',
    path,
    body: { metadata: { labels: null } },
    headers: MERGE,
  });
  await session.api(`${prefix}: come back`, { method: 'PATCH', path, body: { metadata: { labels } }, headers: MERGE });
  await session.api(`${prefix}: hold`, {
    method: 'PATCH',
    path,
    body: { metadata: { finalizers: ['a.b/c'] } },
    headers: MERGE,
  });
  await session.api(`${prefix}: delete`, { method: 'DELETE', path });
  await session.api(`${prefix}: let go`, {
    method: 'PATCH',
    path,
    body: { metadata: { finalizers: null } },
    headers: MERGE,
  });
}

export const watches: Script = {
  name: 'watches',
  async play(session) {
    const here = async (): Promise<string> => ((await session.fetch(maps)) as List).metadata.resourceVersion;
    const watch = (query: string): string => `${maps}?watch=true&${query}`;
    const from = await here();
    await session.watch(
      'with a selector',
      watch(`resourceVersion=${from}&labelSelector=watched%3Done`),
      () => history(session, 'one', 'w1'),
      7,
    );
    const later = await here();
    await session.watch(
      'by name',
      watch(`resourceVersion=${later}&fieldSelector=metadata.name%3Dw2`),
      () => history(session, 'two', 'w2'),
      7,
    );
    await session.watch(
      'the past',
      watch(`resourceVersion=${later}&fieldSelector=metadata.name%3Dw2`),
      () => Promise.resolve(),
      7,
    );
    await session.watch(
      'a table',
      watch(`resourceVersion=${later}&fieldSelector=metadata.name%3Dw2`),
      () => Promise.resolve(),
      7,
    );
    await session.api('create what is there before', {
      method: 'POST',
      path: maps,
      body: { metadata: { name: 'old' } },
    });
    const only = 'fieldSelector=metadata.name%3Dold&timeoutSeconds=1';
    await session.watch('from nowhere', watch(only), () => Promise.resolve(), 99);
    await session.watch('from 0', watch(`resourceVersion=0&${only}`), () => Promise.resolve(), 99);
    await session.watch(
      'a list that streams',
      watch(`sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&${only}`),
      () => Promise.resolve(),
      2,
    );
    await session.api('streams without a match', { path: watch(`sendInitialEvents=true&${only}`) });
    await session.api('from a version that is none', { path: watch(`resourceVersion=x&${only}`) });
    await session.api('with a timeout in words', { path: watch('timeoutSeconds=soon') });
    await session.api('with a bad selector', { path: watch('labelSelector=a%20b') });
    await session.api('by the old path', { path: `/api/v1/watch/namespaces/{ns}/configmaps/old?timeoutSeconds=1` });
    await session.watch('of one object', `${maps}/old?watch=true&timeoutSeconds=1`, () => Promise.resolve(), 99);
  },
};
