/**
 * The store of questions that are answered at once and never kept: may I do this (authorization.k8s.io), who am I
 * (authentication.k8s.io). Whoever has the
 * token of an embedded cluster may do everything.
 */
import {
  type ListResult,
  type RequestContext,
  type ResourceStore,
  StatusError,
  type WatchEvent,
} from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';

export const REVIEW_KINDS: ReadonlySet<string> = new Set(['SelfSubjectAccessReview', 'SelfSubjectReview']);

export class ReviewStore implements ResourceStore {
  create(object: KubeObject, { user }: RequestContext): Promise<KubeObject> {
    const status =
      object.kind === 'SelfSubjectReview'
        ? { userInfo: { username: user.name, groups: [...user.groups] } }
        : { allowed: true, reason: 'everyone with the token is cluster-admin here' };
    return Promise.resolve({ ...object, status });
  }

  get(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  list(): Promise<ListResult> {
    return Promise.reject(notKept());
  }

  update(): Promise<KubeObject> {
    return Promise.reject(notKept());
  }

  delete(): Promise<{ object: KubeObject; gone: boolean }> {
    return Promise.reject(notKept());
  }

  watch(): AsyncIterable<WatchEvent> {
    throw notKept();
  }
}

const notKept = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'reviews are answered at once and not kept; create one');
