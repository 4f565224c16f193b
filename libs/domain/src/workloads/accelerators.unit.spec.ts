import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { admits, nodeRulesOf } from '../scheduling/node-rules.js';
import { ACCELERATOR_TYPES, acceleratorNamed } from './accelerator-names.js';
import { acceleratorAffinity, parseAccelerator } from './accelerators.js';

const isAdmitted = (type: string, labels: Record<string, string>): boolean => {
  const rules = nodeRulesOf({ affinity: acceleratorAffinity({ type }) });
  return admits(rules, { name: 'n', labels, taints: [] });
};

describe('a type of accelerator', () => {
  it.each([
    ['V100', { 'skyflow.io/accelerator': 'V100' }],
    ['v100', { 'skyflow.io/accelerator': 'V100' }],
    ['V100', { 'cloud.google.com/gke-accelerator': 'nvidia-tesla-v100' }],
    ['nvidia-tesla-v100', { 'nvidia.com/gpu.product': 'Tesla-V100-SXM2-16GB' }],
    ['A100-80GB', { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' }],
    ['a100_80gb', { 'cloud.google.com/gke-accelerator': 'nvidia-a100-80gb' }],
    ['L4', { 'karpenter.k8s.aws/instance-gpu-name': 'l4' }],
    ['MI300X', { 'amd.com/gpu.product-name': 'AMD_Instinct_MI300X_OAM' }],
    ['tpu-v5-lite-podslice', { 'cloud.google.com/gke-tpu-accelerator': 'tpu-v5-lite-podslice' }],
    ['Q9000', { 'nvidia.com/gpu.product': 'Q9000' }],
    ['Q9000', { 'k8s.amazonaws.com/accelerator': 'nvidia-q9000' }],
  ])('%s is on a node with %j', (type, labels) => {
    expect(isAdmitted(type, labels)).toBe(true);
  });

  it.each([
    ['A100', { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' }],
    ['A10', { 'nvidia.com/gpu.product': 'NVIDIA-A10G' }],
    ['V100', { 'skyflow.io/accelerator': 'V100-32GB' }],
    ['V100', {}],
    ['q9000', { 'nvidia.com/gpu.product': 'Q9000' }],
  ])('%s is not on a node with %j', (type, labels) => {
    expect(isAdmitted(type, labels as Record<string, string>)).toBe(false);
  });

  it.each([
    ['V100:2', 2, 'nvidia.com/gpu'],
    ['MI300X:8', 8, 'amd.com/gpu'],
    ['TPU-V5E:4', 4, 'google.com/tpu'],
    ['Trainium', 1, 'aws.amazon.com/neuron'],
    ['Gaudi2:8', 8, 'habana.ai/gaudi'],
    ['Unheard-Of:3', 3, 'nvidia.com/gpu'],
  ])('%s asks for %d of %s', (text, count, resource) => {
    expect(parseAccelerator(text)).toMatchObject({ count, resource });
  });

  it('is the same whatever it is called, and no name means two', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ACCELERATOR_TYPES), fc.nat(), fc.boolean(), (type, pick, upper) => {
        const names = [type.name, ...type.aliases, ...type.providers, ...type.products];
        const name = names[pick % names.length] ?? '';
        expect(acceleratorNamed(upper ? name.toUpperCase() : name.toLowerCase())).toBe(type);
      }),
    );
  });
});
