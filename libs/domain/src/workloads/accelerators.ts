/**
 * `TYPE:COUNT` of the seed system (`V100:2`) as Kubernetes understands it: a count of `nvidia.com/gpu`, and a required node
 * affinity on the labels by which providers and SkyFlow name the type of a node's GPUs. The terms are alternatives.
 */

export const GPU_RESOURCE = 'nvidia.com/gpu';
/** SkyFlow's own label; set it on nodes whose provider sets none of the others. */
export const ACCELERATOR_LABEL = 'skyflow.io/accelerator';
/** Labels whose values are the type in lower case with the vendor in front (`nvidia-tesla-v100`, `nvidia-l4`). */
const PROVIDER_LABELS = ['cloud.google.com/gke-accelerator', 'k8s.amazonaws.com/accelerator'] as const;
/** GPU feature discovery: the full product name (`NVIDIA-A100-SXM4-80GB`). */
const PRODUCT_LABEL = 'nvidia.com/gpu.product';

const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export interface Accelerator {
  type: string;
  count: number;
}

/** Undefined if the text is no accelerator; {@link ACCELERATOR_RULE} says what one looks like. */
export function parseAccelerator(text: string): Accelerator | undefined {
  const [type = '', count = '1', ...more] = text.split(':');
  if (more.length > 0 || !LABEL_VALUE.test(type) || !/^[1-9]\d{0,5}$/.test(count)) return undefined;
  return { type, count: Number(count) };
}

export const ACCELERATOR_RULE = 'must be TYPE or TYPE:COUNT with a count of at least 1, such as V100:2 or NVIDIA-L4:1';

/** core/v1 Affinity that only admits nodes with this type of GPU. */
export function acceleratorAffinity({ type }: Accelerator): Record<string, unknown> {
  const lower = type.toLowerCase().replaceAll('_', '-');
  const provider = lower.startsWith('nvidia-') ? [lower] : [`nvidia-tesla-${lower}`, `nvidia-${lower}`];
  const terms = [
    { key: ACCELERATOR_LABEL, operator: 'In', values: [type] },
    ...PROVIDER_LABELS.map((key) => ({ key, operator: 'In', values: provider })),
    { key: PRODUCT_LABEL, operator: 'In', values: [type] },
  ];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((expression) => ({ matchExpressions: [expression] })),
      },
    },
  };
}
