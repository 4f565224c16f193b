/** Secrets as they may be shown: no value, but whether it is there and whether it changes (as kubectl diff does). */
import type { ApiObject } from '@skyflow/contracts';

type Secret = ApiObject & { data?: Record<string, string>; stringData?: Record<string, string> };

const SAME = '***';
const BEFORE = '*** (before)';
const AFTER = '*** (after)';

export function masked<T extends ApiObject | undefined>(before: T, after: ApiObject): [T, ApiObject] {
  if (after.kind !== 'Secret') return [before, after];
  const [old, next] = [before as Secret | undefined, after as Secret];
  const mask = (mine: Secret, other: Secret | undefined, changed: string): ApiObject => {
    const hidden = { ...mine } as Record<string, unknown>;
    for (const field of ['data', 'stringData'] as const) {
      if (mine[field] === undefined) continue;
      const values = Object.entries(mine[field]).map(([name, value]) => {
        const counterpart = other?.[field]?.[name];
        return [name, counterpart === undefined || counterpart === value ? SAME : changed];
      });
      hidden[field] = Object.fromEntries(values);
    }
    return hidden as unknown as ApiObject;
  };
  return [(old && mask(old, next, BEFORE)) as T, mask(next, old, AFTER)];
}
