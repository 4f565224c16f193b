/**
 * Types of accelerators: the name that people use, other names for it, the resource that counts it, and what the labels of nodes say of it.
 * Sources: labels of GKE (`cloud.google.com/gke-accelerator`, `gke-tpu-accelerator`), of EKS and Karpenter (`k8s.amazonaws.com/accelerator`,
 * `karpenter.k8s.aws/instance-gpu-name`), product names of NVIDIA's GPU feature discovery and of AMD's node labeller. A type that is not in
 * the table is taken by its exact name.
 */

export const NVIDIA_RESOURCE = 'nvidia.com/gpu';
const AMD_RESOURCE = 'amd.com/gpu';
const TPU_RESOURCE = 'google.com/tpu';
const GAUDI_RESOURCE = 'habana.ai/gaudi';
const NEURON_RESOURCE = 'aws.amazon.com/neuron';

export interface AcceleratorType {
  /** As in `--accelerators NAME:COUNT`; written like this whatever alias was given. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly resource: string;
  /** Values of the providers' labels. */
  readonly providers: readonly string[];
  /** Values of the vendor's label of products. */
  readonly products: readonly string[];
}

const nvidia = (
  name: string,
  providers: readonly string[],
  products: readonly string[] = [],
  aliases: readonly string[] = [],
): AcceleratorType => ({ name, aliases, resource: NVIDIA_RESOURCE, providers, products });

const other = (
  resource: string,
  name: string,
  providers: readonly string[],
  products: readonly string[] = [],
  aliases: readonly string[] = [],
): AcceleratorType => ({ name, aliases, resource, providers, products });

export const ACCELERATOR_TYPES: readonly AcceleratorType[] = [
  nvidia('K80', ['nvidia-tesla-k80', 'k80'], ['Tesla-K80']),
  nvidia('P4', ['nvidia-tesla-p4', 'p4'], ['Tesla-P4']),
  nvidia('P100', ['nvidia-tesla-p100', 'p100'], ['Tesla-P100-PCIE-16GB', 'Tesla-P100-SXM2-16GB']),
  nvidia(
    'V100',
    ['nvidia-tesla-v100', 'v100'],
    ['Tesla-V100-SXM2-16GB', 'Tesla-V100-PCIE-16GB', 'Tesla-V100-FHHL-16GB'],
    ['V100-16GB'],
  ),
  nvidia(
    'V100-32GB',
    ['nvidia-tesla-v100-32gb'],
    ['Tesla-V100-SXM2-32GB', 'Tesla-V100-SXM3-32GB', 'Tesla-V100-PCIE-32GB'],
  ),
  nvidia('T4', ['nvidia-tesla-t4', 't4'], ['Tesla-T4']),
  nvidia('L4', ['nvidia-l4', 'l4'], ['NVIDIA-L4']),
  nvidia('L40', ['nvidia-l40'], ['NVIDIA-L40']),
  nvidia('L40S', ['nvidia-l40s', 'l40s'], ['NVIDIA-L40S']),
  nvidia('A10', ['nvidia-a10'], ['NVIDIA-A10']),
  nvidia('A10G', ['nvidia-a10g', 'a10g'], ['NVIDIA-A10G']),
  nvidia('A40', ['nvidia-a40'], ['NVIDIA-A40']),
  nvidia(
    'A100',
    ['nvidia-tesla-a100', 'a100'],
    ['NVIDIA-A100-SXM4-40GB', 'NVIDIA-A100-PCIE-40GB', 'A100-SXM4-40GB', 'A100-PCIE-40GB'],
    ['A100-40GB'],
  ),
  nvidia(
    'A100-80GB',
    ['nvidia-a100-80gb', 'nvidia-tesla-a100-80gb'],
    ['NVIDIA-A100-SXM4-80GB', 'NVIDIA-A100-80GB-PCIe', 'A100-SXM4-80GB'],
  ),
  nvidia(
    'H100',
    ['nvidia-h100-80gb', 'nvidia-h100-mega-80gb', 'nvidia-tesla-h100', 'h100'],
    ['NVIDIA-H100-80GB-HBM3', 'NVIDIA-H100-PCIe'],
    ['H100-80GB'],
  ),
  nvidia('H200', ['nvidia-h200-141gb', 'nvidia-tesla-h200', 'h200'], ['NVIDIA-H200'], ['H200-141GB']),
  nvidia('B200', ['nvidia-b200', 'b200'], ['NVIDIA-B200']),
  nvidia('GH200', ['nvidia-gh200'], ['NVIDIA-GH200-480GB']),
  nvidia('GB200', ['nvidia-gb200'], ['NVIDIA-GB200']),
  other(AMD_RESOURCE, 'MI210', ['amd-mi210'], ['AMD_Instinct_MI210', 'AMD-Instinct-MI210']),
  other(AMD_RESOURCE, 'MI250', ['amd-mi250'], ['AMD_Instinct_MI250', 'AMD-Instinct-MI250'], ['MI250X']),
  other(AMD_RESOURCE, 'MI300X', ['amd-mi300x'], ['AMD_Instinct_MI300X_OAM', 'AMD-Instinct-MI300X-OAM'], ['MI300']),
  other(TPU_RESOURCE, 'TPU-V4', ['tpu-v4-podslice'], [], ['tpu-v4-podslice']),
  other(
    TPU_RESOURCE,
    'TPU-V5E',
    ['tpu-v5-lite-podslice', 'tpu-v5-lite-device'],
    [],
    ['tpu-v5-lite-podslice', 'TPU-V5-LITE'],
  ),
  other(TPU_RESOURCE, 'TPU-V5P', ['tpu-v5p-slice'], [], ['tpu-v5p-slice']),
  other(TPU_RESOURCE, 'TPU-V6E', ['tpu-v6e-slice'], [], ['tpu-v6e-slice', 'Trillium']),
  other(GAUDI_RESOURCE, 'Gaudi', ['habana-gaudi', 'gaudi-hl-205'], [], ['Gaudi-HL-205']),
  other(GAUDI_RESOURCE, 'Gaudi2', ['habana-gaudi2'], []),
  other(NEURON_RESOURCE, 'Inferentia', ['aws-inferentia', 'inferentia'], []),
  other(NEURON_RESOURCE, 'Inferentia2', ['aws-inferentia2', 'inferentia2'], []),
  other(NEURON_RESOURCE, 'Trainium', ['aws-trainium', 'trainium'], [], ['Trainium1']),
];

/** Upper and lower case, `_` and `-`, and the vendor in front make no difference. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(nvidia|amd|aws|habana)-/, '')
    .replace(/^tesla-/, '');

const BY_NAME: ReadonlyMap<string, AcceleratorType> = new Map(
  // What a type is called comes before what others call something else.
  [...ACCELERATOR_TYPES].reverse().flatMap((type) => {
    const names = [...type.products, ...type.providers, ...type.aliases, type.name];
    return names.map((name) => [plain(name), type] as const);
  }),
);

/** The type that a name means: its own, an alias, or what a provider or vendor calls it. Undefined: it is not in the table. */
export const acceleratorNamed = (name: string): AcceleratorType | undefined => BY_NAME.get(plain(name));
