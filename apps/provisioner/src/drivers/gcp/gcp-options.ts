/** What the installation says of Google Cloud; see gcp-settings.ts. */
import type { Prices } from '../prices-file.js';

export interface GcpOptions {
  /** Where machines may be rented if a cluster names no region. */
  regions: readonly string[];
  /** `projects/P/global/images/NAME`, or `…/family/NAME` of which the newest is taken. */
  image: string;
  /** How one gets into the image. */
  user: string;
  port: number;
  dockerSocket: string | undefined;
  /** VPC network of the project. */
  network: string;
  /** Range that sshd, the Kubernetes API and the ports that were asked for are opened to. */
  openTo: string;
  /** Instead of those that are known here. */
  prices: Prices;
}

/** Ubuntu 22.04 LTS of Canonical. */
export const DEFAULT_GCP_IMAGE = 'projects/ubuntu-os-cloud/global/images/family/ubuntu-2204-lts';
