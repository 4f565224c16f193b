/** Lists: selectors, pages, versions, tables, and what is wrong with them. */
import type { Script } from './scripts.js';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

interface List {
  metadata: { continue?: string; resourceVersion?: string };
}

/** What kube-controller-manager puts into every namespace is no part of this. */
const ours = (query: string): string =>
  `${maps}?${query}${query === '' ? '' : '&'}fieldSelector=metadata.name!=kube-root-ca.crt`;

export const lists: Script = {
  name: 'lists',
  async play(session) {
    for (let at = 0; at < 5; at += 1) {
      const labels = { at: String(at), half: at < 3 ? 'first' : 'second', ...(at === 4 ? { last: '' } : {}) };
      await session.api(`create ${at}`, { method: 'POST', path: maps, body: { metadata: { name: `m${at}`, labels } } });
    }
    await session.api('all', { path: ours('') });
    for (const selector of [
      'half=first',
      'half!=first',
      'half in (first,second),at notin (1)',
      'last',
      '!last',
      'at=9',
      'half==second',
      'at>2',
      'at in ()',
      'half=first=',
      'a b=c',
      'half in first',
    ]) {
      await session.api(`label selector ${selector}`, { path: ours(`labelSelector=${encodeURIComponent(selector)}`) });
    }
    for (const selector of ['metadata.name=m1', 'metadata.namespace=default', 'data.a=b', 'metadata.name', 'a=b=c']) {
      await session.api(`field selector ${selector}`, {
        path: `${maps}?fieldSelector=${encodeURIComponent(selector)}`,
      });
    }
    await session.api('pods by phase', { path: '/api/v1/namespaces/{ns}/pods?fieldSelector=status.phase%3DRunning' });
    await session.api('pods by image', { path: '/api/v1/namespaces/{ns}/pods?fieldSelector=spec.image%3Dx' });
    const first = (await session.fetch(ours('limit=2'))) as List;
    session.note('a page has a token', typeof first.metadata.continue);
    const next = encodeURIComponent(first.metadata.continue ?? '');
    await session.settled(
      'the second page',
      ours(`limit=2&continue=${next}`),
      () => true,
      (list) => ({
        ...list,
        metadata: Object.keys(list.metadata).sort(),
      }),
    );
    await session.api('a token that is none', { path: ours('limit=2&continue=abc') });
    await session.api('a token and a version', { path: ours(`limit=2&resourceVersion=1&continue=${next}`) });
    await session.api('limit in words', { path: ours('limit=two') });
    await session.api('negative limit', { path: ours('limit=-1') });
    await session.api('from version 0', { path: ours('resourceVersion=0') });
    await session.api('a match without a version', { path: ours('resourceVersionMatch=Exact') });
    await session.api('a match that is none', { path: ours('resourceVersion=1&resourceVersionMatch=Almost') });
    await session.api('a version of the future', { path: ours('resourceVersion=9007199254740991&timeoutSeconds=1') });
    await session.api('in a namespace that is not there', { path: '/api/v1/namespaces/diff-nowhere/configmaps' });
    await session.api('as a table', { path: ours(''), headers: TABLE });
    await session.api('a table with objects', { path: `${ours('')}&includeObject=Object`, headers: TABLE });
    await session.api('a table without headers', { path: `${ours('')}&includeObject=None`, headers: TABLE });
    await session.api('one as a table', { path: `${maps}/m1`, headers: TABLE });
    await session.api('metadata only', {
      path: ours('limit=1'),
      headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
    });
    await session.api('one, metadata only', {
      path: `${maps}/m1`,
      headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
    });
    await session.api('one in YAML', { path: `${maps}/m1`, headers: { accept: 'application/yaml' } });
    await session.api('delete half', { method: 'DELETE', path: `${maps}?labelSelector=half%3Dfirst` });
    await session.api('what is left', { path: ours('') });
  },
};
