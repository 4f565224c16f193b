/** What the installation says of Azure; see azure-settings.ts. */
import type { Prices } from '../prices-file.js';

export interface AzureOptions {
  /** Where machines may be rented if a cluster names no region. */
  regions: readonly string[];
  /** `PUBLISHER:OFFER:SKU:VERSION`. */
  image: string;
  /** How one gets into the image. */
  user: string;
  port: number;
  dockerSocket: string | undefined;
  /** Range that sshd, the Kubernetes API and the ports that were asked for are opened to. */
  openTo: string;
  /** Instead of those that are known here. */
  prices: Prices;
}

/** Ubuntu 22.04 LTS of Canonical, for machines of generation 2. */
export const DEFAULT_AZURE_IMAGE = 'Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest';
