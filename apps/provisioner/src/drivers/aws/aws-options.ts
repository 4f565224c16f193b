/** What the installation says of AWS; see settings.ts. */

export interface AwsOptions {
  /** Where machines may be rented if a cluster names no region. */
  regions: readonly string[];
  /** Id of an image, or a pattern of names of which the newest is taken. */
  image: string;
  /** Account that images by name must belong to. */
  imageOwner: string;
  /** How one gets into the image. */
  user: string;
  port: number;
  dockerSocket: string | undefined;
  /** Absent: the default VPC of the region. */
  vpc: string | undefined;
  /** Range that sshd, the Kubernetes API and the ports that were asked for are opened to. */
  openTo: string;
  /** Prices per hour by region and type, instead of those that are known here. */
  prices: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Ubuntu 22.04 LTS of Canonical. */
export const DEFAULT_IMAGE = 'ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*';
export const CANONICAL = '099720109477';
