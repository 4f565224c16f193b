/** kubectl's selector language, with `>` and `<`, over labels of clusters and over their fields by their bare names. */
import { type ClusterSelector, type Requirement, clusterFields } from '@skyflow/contracts';

export const SELECTOR_RULE =
  'must be requirements with commas between: tier=gold, tier!=gold, "tier in (gold,silver)", "tier notin (gold)", gpus, !gpus, gpus>4, gpus<8; provider, region, zone and kubernetesVersion are fields of the cluster';

/** Undefined if the text is no selector; {@link SELECTOR_RULE} says what one looks like. */
export function parseClusterSelector(text: string): ClusterSelector | undefined {
  const matchLabels: Record<string, string> = {};
  const matchExpressions: Requirement[] = [];
  const matchFields: Requirement[] = [];
  // Commas inside parentheses separate values.
  for (const part of text.split(/,(?![^(]*\))/)) {
    const requirement = parseRequirement(part.trim());
    if (requirement === undefined) return undefined;
    const { key, operator, values = [] } = requirement;
    const [value] = values;
    if ((clusterFields as readonly string[]).includes(key)) matchFields.push(requirement);
    else if (operator === 'In' && values.length === 1 && value !== undefined && !Object.hasOwn(matchLabels, key)) {
      matchLabels[key] = value;
    } else matchExpressions.push(requirement);
  }
  return {
    ...(Object.keys(matchLabels).length > 0 && { matchLabels }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
    ...(matchFields.length > 0 && { matchFields }),
  };
}

/** Several selectors that must all hold, as one. */
export function allOf(selectors: readonly ClusterSelector[]): ClusterSelector {
  const labels = selectors.flatMap(({ matchLabels = {} }) => Object.entries(matchLabels));
  const matchLabels: Record<string, string> = {};
  const contrary: Requirement[] = [];
  for (const [key, value] of labels) {
    if (Object.hasOwn(matchLabels, key) && matchLabels[key] !== value) {
      contrary.push({ key, operator: 'In', values: [value] });
    } else matchLabels[key] = value;
  }
  const matchExpressions = [...contrary, ...selectors.flatMap((each) => each.matchExpressions ?? [])];
  const matchFields = selectors.flatMap((each) => each.matchFields ?? []);
  return {
    ...(labels.length > 0 && { matchLabels }),
    ...(matchExpressions.length > 0 && { matchExpressions }),
    ...(matchFields.length > 0 && { matchFields }),
  };
}

const KEY = '([A-Za-z0-9][-A-Za-z0-9_./]*)';
const FORMS: readonly [RegExp, (groups: string[]) => Requirement][] = [
  [
    new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^()]+)\\)$`, 'i'),
    ([key = '', word = '', values = '']) => ({
      key,
      operator: word.toLowerCase() === 'in' ? 'In' : 'NotIn',
      values: values.split(',').map((value) => value.trim()),
    }),
  ],
  [
    new RegExp(`^${KEY}\\s*(==|=|!=)\\s*([^=!<>()]*)$`),
    ([key = '', sign, value = '']) => ({
      key,
      operator: sign === '!=' ? 'NotIn' : 'In',
      values: [value.trim()],
    }),
  ],
  [
    new RegExp(`^${KEY}\\s*([<>])\\s*(\\S+)$`),
    ([key = '', sign, value = '']) => ({
      key,
      operator: sign === '>' ? 'Gt' : 'Lt',
      values: [value],
    }),
  ],
  [new RegExp(`^!\\s*${KEY}$`), ([key = '']) => ({ key, operator: 'DoesNotExist' })],
  [new RegExp(`^${KEY}$`), ([key = '']) => ({ key, operator: 'Exists' })],
];

function parseRequirement(text: string): Requirement | undefined {
  for (const [form, make] of FORMS) {
    const match = form.exec(text);
    if (match !== null) return make(match.slice(1));
  }
  return undefined;
}
