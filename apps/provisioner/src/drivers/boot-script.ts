/** What a rented machine does when it first boots: Docker, as RKE needs it, and no swap. Given to cloud-init. */

/** Whatever makes Kubernetes of it. */
const ALWAYS = `#!/bin/sh
set -e
swapoff -a
sed -i '/\\sswap\\s/d' /etc/fstab
`;

/** RKE v1.5 takes Docker up to 24.0; Ubuntu's own package is what the image can have without another source. */
const docker = (user: string): string => `if ! command -v docker >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y docker.io
fi
systemctl enable --now docker
id -u ${user} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash ${user}
usermod -aG docker ${user}
`;

/** @param needsDocker RKE1 does; k3s and RKE2 bring their own runtime. */
export const bootScript = (user: string, needsDocker: boolean): string => ALWAYS + (needsDocker ? docker(user) : '');
