/** Taints of clusters as kubectl writes those of nodes: `KEY=VALUE:EFFECT`, and `KEY-` or `KEY:EFFECT-` to take them away. */
import { type ClusterTaint, type TaintEffect, taintEffects } from '@skyflow/contracts';

export const TAINT_RULE = `must be KEY:EFFECT or KEY=VALUE:EFFECT such as spot=true:NoSchedule, with an effect of ${taintEffects.join(', ')}`;

/** Undefined if the text is no taint; {@link TAINT_RULE} says what one looks like. */
export function parseTaint(text: string): ClusterTaint | undefined {
  const [, key = '', value, effectText = ''] = /^([^=:]+)(?:=([^=:]*))?:([A-Za-z]+)$/.exec(text) ?? [];
  const effect = effectOf(effectText);
  if (key === '' || effect === undefined) return undefined;
  return { key, ...(value !== undefined && value !== '' && { value }), effect };
}

/** Undefined if the text takes nothing away. `effect` undefined: whatever the effect. */
export function parseTaintRemoval(text: string): { key: string; effect: TaintEffect | undefined } | undefined {
  const [, key = '', effectText] = /^([^=:]+)(?::([A-Za-z]+))?-$/.exec(text) ?? [];
  const effect = effectText === undefined ? undefined : effectOf(effectText);
  return key === '' || (effectText !== undefined && effect === undefined) ? undefined : { key, effect };
}

const effectOf = (text: string): TaintEffect | undefined =>
  taintEffects.find((effect) => effect.toLowerCase() === text.toLowerCase());
