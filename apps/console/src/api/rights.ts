/**
 * What the person may do, asked of the gateway (SelfSubjectAccessReview) when it is first needed. What one may not do is not offered;
 * the gateway refuses it all the same.
 */
import { type Api, ApiError } from './api.js';

export interface Asked {
  verb: string;
  /** Plural of a kind of skyflow.io. */
  resource?: string;
  subresource?: string;
  group?: string;
  namespace?: string;
  name?: string;
  /** Instead of a resource: a path, such as /status. */
  path?: string;
}

export class Rights {
  private readonly known = new Map<string, Promise<boolean>>();

  constructor(private readonly api: Api) {}

  forget(): void {
    this.known.clear();
  }

  may(asked: Asked): Promise<boolean> {
    const key = JSON.stringify(asked);
    let answer = this.known.get(key);
    if (answer === undefined) this.known.set(key, (answer = this.ask(asked, key)));
    return answer;
  }

  private async ask({ path, verb, group = 'skyflow.io', ...resource }: Asked, key: string): Promise<boolean> {
    const spec =
      path === undefined
        ? { resourceAttributes: { verb, group, ...resource } }
        : { nonResourceAttributes: { path, verb } };
    try {
      const { status } = await this.api.json<{ status: { allowed: boolean } }>(
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        { method: 'POST', body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec } },
      );
      return status.allowed;
    } catch (error) {
      // Not known is not yes; the next one who asks tries again.
      this.known.delete(key);
      if (error instanceof ApiError) return false;
      throw error;
    }
  }
}
