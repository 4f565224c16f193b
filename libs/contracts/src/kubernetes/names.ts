/** Rules for names, label keys and values, with Kubernetes' texts (apimachinery pkg/util/validation). */

const DNS1123_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS1123_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PATH_SEGMENT = /^(?!\.{1,2}$)[^/%]+$/;

/** What `metadata.name` of a resource must look like. */
export type NameRule = 'dns1123-subdomain' | 'dns1123-label' | 'dns1035-label' | 'path-segment';

const RULES: Record<NameRule, { pattern: RegExp; maxLength: number; text: string }> = {
  'dns1123-subdomain': {
    pattern: DNS1123_SUBDOMAIN,
    maxLength: 253,
    text:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
      "with an alphanumeric character (e.g. 'example.com')",
  },
  'dns1123-label': {
    pattern: DNS1123_LABEL,
    maxLength: 63,
    text:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
      "alphanumeric character (e.g. 'my-name' or '123-abc')",
  },
  'dns1035-label': {
    pattern: DNS1035_LABEL,
    maxLength: 63,
    text:
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
      "with an alphanumeric character (e.g. 'my-name' or 'abc-123')",
  },
  'path-segment': {
    pattern: PATH_SEGMENT,
    maxLength: 253,
    text: "a name must not be '.' or '..' and must not contain '/' or '%'",
  },
};

/** Undefined if the name is good, else the rule that it breaks. `prefix`: a generateName, whose end may be anything. */
export function brokenNameRule(name: string, rule: NameRule, prefix = false): string | undefined {
  const { pattern, maxLength, text } = RULES[rule];
  if (name.length > maxLength) return `must be no more than ${maxLength} characters`;
  // As upstream's maskTrailingDash: the character after the prefix is going to be a letter or a digit.
  const checked = prefix && name.length > 1 && /[-.]$/.test(name) ? `${name.slice(0, -2)}a` : name;
  return pattern.test(checked) ? undefined : `${text}, regex used for validation is '${pattern.source}'`;
}

/** `[prefix/]name` as in label and annotation keys. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash >= 0) {
    const prefix = key.slice(0, slash);
    if (prefix.length > 253 || !DNS1123_SUBDOMAIN.test(prefix)) return false;
  }
  const name = key.slice(slash + 1);
  return name.length <= 63 && QUALIFIED_PART.test(name);
}

export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && QUALIFIED_PART.test(value));
}
