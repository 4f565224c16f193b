/**
 * `TYPE:COUNT` of the seed system (`V100:2`) as Kubernetes understands it: a count of the vendor's resource, and a required node
 * affinity on the labels by which providers and SkyFlow name the type of a node's accelerators. The terms are alternatives.
 */
import { NVIDIA_RESOURCE, acceleratorNamed } from './accelerator-names.js';

/** What `--gpus` counts. */
export const GPU_RESOURCE = NVIDIA_RESOURCE;
/** SkyFlow's own label; set it on nodes whose provider sets none of the others. */
export const ACCELERATOR_LABEL = 'skyflow.io/accelerator';
const PROVIDER_LABELS = [
  'cloud.google.com/gke-accelerator',
  'cloud.google.com/gke-tpu-accelerator',
  'k8s.amazonaws.com/accelerator',
  'karpenter.k8s.aws/instance-gpu-name',
] as const;
/** GPU feature discovery and AMD's node labeller: the full product name (`NVIDIA-A100-SXM4-80GB`). */
const PRODUCT_LABELS = ['nvidia.com/gpu.product', 'amd.com/gpu.product-name'] as const;

const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export interface Accelerator {
  /** As it was written. */
  type: string;
  count: number;
  /** The resource that counts it. */
  resource: string;
}

/** Undefined if the text is no accelerator; {@link ACCELERATOR_RULE} says what one looks like. */
export function parseAccelerator(text: string): Accelerator | undefined {
  const [type = '', count = '1', ...more] = text.split(':');
  if (more.length > 0 || !LABEL_VALUE.test(type) || !/^[1-9]\d{0,5}$/.test(count)) return undefined;
  return { type, count: Number(count), resource: acceleratorNamed(type)?.resource ?? NVIDIA_RESOURCE };
}

export const ACCELERATOR_RULE = 'must be TYPE or TYPE:COUNT with a count of at least 1, such as V100:2 or NVIDIA-L4:1';

/** core/v1 Affinity that only admits nodes with this type of accelerator: by its exact name, and by all names that are known for it. */
export function acceleratorAffinity({ type }: Pick<Accelerator, 'type'>): Record<string, unknown> {
  const { own, providers, products } = valuesOf(type);
  const terms = [
    { key: ACCELERATOR_LABEL, values: own },
    ...PROVIDER_LABELS.map((key) => ({ key, values: providers })),
    ...PRODUCT_LABELS.map((key) => ({ key, values: products })),
  ];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map(({ key, values }) => ({
          matchExpressions: [{ key, operator: 'In', values: [...new Set(values)] }],
        })),
      },
    },
  };
}

interface LabelValues {
  own: readonly string[];
  providers: readonly string[];
  products: readonly string[];
}

function valuesOf(type: string): LabelValues {
  const known = acceleratorNamed(type);
  if (known !== undefined) {
    const { name, aliases, providers, products } = known;
    const names = [name, type, ...aliases];
    return { own: [...names, ...names.map((each) => each.toLowerCase()), ...products], providers, products };
  }
  const lower = type.toLowerCase().replaceAll('_', '-');
  const providers = lower.startsWith('nvidia-') ? [lower] : [lower, `nvidia-tesla-${lower}`, `nvidia-${lower}`];
  return { own: [type], providers, products: [type] };
}
