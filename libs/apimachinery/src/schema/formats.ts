/** The string formats that Kubernetes' schemas name. Every pattern is linear in the length of the text. */

/** Rule by format: whether the text conforms, and how the rule is said. Formats not listed are annotations. */
interface FormatRule {
  test(text: string): boolean;
  rule: string;
}

/** resource.Quantity: apimachinery/pkg/api/resource/quantity.go. */
const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)(|[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})$/;
/** RFC 3339. */
const DATE_TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
/** RFC 1123 label, IANA service name (RFC 6335), environment variable: apimachinery/pkg/util/validation. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const ENV_NAME = /^[\x20-\x3c\x3e-\x7e]+$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const isQuantity = (text: string): boolean => QUANTITY.test(text);

export const QUANTITY_RULE = 'must be a quantity such as 500m, 1.5, 128Mi or 2Gi';

const rules: Readonly<Record<string, FormatRule>> = {
  'date-time': {
    test: (text) => DATE_TIME.test(text),
    rule: 'must be a time in RFC 3339, for example 2026-01-31T12:00:00Z',
  },
  'dns-label': {
    test: (text) => text.length <= 63 && DNS_LABEL.test(text),
    rule: "must be a lowercase RFC 1123 label: at most 63 lower case letters, digits or '-', beginning and ending with a letter or digit (for example 'my-name' or '123-abc')",
  },
  'port-name': {
    test: (text) => text.length <= 15 && PORT_NAME.test(text),
    rule: "must be a port name: at most 15 lower case letters, digits or single '-', with at least one letter (for example 'http' or 'metrics-9090')",
  },
  'env-name': {
    test: (text) => ENV_NAME.test(text),
    rule: "must be printable ASCII without '=' (for example 'MY_NAME')",
  },
  byte: {
    test: (text) => {
      const plain = text.replaceAll(/[\r\n]/g, '');
      return plain.length % 4 === 0 && BASE64.test(plain);
    },
    rule: 'must be base64 (for plain text in a Secret use stringData)',
  },
};

/** What is wrong with the text by this format, or undefined. */
export function formatProblem(format: string, text: string): string | undefined {
  const rule = Object.hasOwn(rules, format) ? rules[format] : undefined;
  return rule === undefined || rule.test(text) ? undefined : rule.rule;
}

/** Range of the integer formats. */
export const integerRanges: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};
