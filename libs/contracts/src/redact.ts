/**
 * What must never be in a log, whatever it came in: tokens of SkyFlow, seeds of nkeys, bearer headers, private keys, passwords in addresses.
 * By their form, since an error of some library may hold one in the middle of a sentence. Pure.
 */
const SECRETS: readonly [RegExp, string][] = [
  [/(sky[a-z]?_[a-z0-9]{12}_)[A-Za-z0-9_-]{43}/g, '$1…'],
  [/S[UAO][A-Z2-7]{56}/g, 'S…'],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{16,}/gi, '$1 …'],
  [/-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----/gs, '-----$1PRIVATE KEY …-----'],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*:)[^\s/@"]+@/gi, '$1…@'],
];

/** The text without them. */
export function redacted(text: string): string {
  let clean = text;
  for (const [form, instead] of SECRETS) clean = clean.replace(form, instead);
  return clean;
}
