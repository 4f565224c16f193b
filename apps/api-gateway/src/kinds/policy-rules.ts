/** Rules on PlacementPolicies. */
import type { ResourceStrategy } from '@skyflow/apimachinery';
import type { KubeObject, PlacementPolicySpec } from '@skyflow/contracts';
import { labelSelectorCauses, termCauses } from './placement-rules.js';

export const policyStrategy: ResourceStrategy = {
  validate: (object) => {
    const spec = policySpecOf(object);
    const { workloadSelector } = spec;
    return [
      ...termCauses(spec, 'spec'),
      ...(workloadSelector === undefined ? [] : labelSelectorCauses(workloadSelector, 'spec.workloadSelector')),
    ];
  },
};

export const policySpecOf = (object: KubeObject): PlacementPolicySpec => object.spec ?? {};
