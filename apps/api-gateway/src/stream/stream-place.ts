/**
 * Where a reader of several kinds is: the version of each kind that he has seen everything up to, as the id of an event
 * (`clusters=120000,jobs=130002`). Kinds that are not named begin with what there is.
 */
import { badRequest } from '@skyflow/apimachinery';

export type StreamPlace = Map<string, string>;

const VERSION = /^\d{1,16}$/;

/**
 * @param text an id, or one version for all kinds; empty or "0": from what there is.
 * @param field named in the refusal
 * @throws StatusError 400
 */
export function placeOf(text: string | undefined, kinds: readonly string[], field: string): StreamPlace {
  if (text === undefined || text === '' || text === '0') return new Map();
  if (VERSION.test(text)) return new Map(kinds.map((kind) => [kind, text]));
  const place: StreamPlace = new Map();
  for (const part of text.split(',')) {
    const [kind = '', version = ''] = part.split('=', 2);
    if (!VERSION.test(version)) {
      const rule = 'give the id of an event ("jobs=120000,clusters=130002"), or metadata.resourceVersion of a list';
      throw badRequest(`${field}: invalid value ${JSON.stringify(text.slice(0, 200))}: ${rule}`);
    }
    // An id of another choice of kinds is good for those that both have.
    if (kinds.includes(kind) && version !== '0') place.set(kind, version);
  }
  return place;
}

export const placeText = (place: StreamPlace): string =>
  [...place].map(([kind, version]) => `${kind}=${version}`).join(',');
