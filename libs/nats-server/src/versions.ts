/**
 * Which nats-server versions SkyFlow runs on, and the one it installs itself.
 *
 * The hashes are of the release archives on GitHub. They were read from two independent records and agree where both have them:
 * cashapp/hermit-packages `nats-server.hcl` (commit f0517fd, all four platforms, copied by its bot from the release's
 * SHA256SUMS) and nats-io/nats-docker `2.14.x/alpine3.22/Dockerfile` (commit aa0caa5 "Releases v2.14.5, v2.12.15", both Linux ones).
 */

/** Oldest server that SkyFlow runs on (the one in Debian 13); older ones miss features silently. */
export const MINIMUM_VERSION = '2.10.0';

/** The version that is downloaded or built when the machine has none. */
export const PINNED_VERSION = '2.14.5';

/** SHA-256 of `nats-server-v<PINNED_VERSION>-<platform>.tar.gz`, by `<os>-<arch>` as the release names them. */
export const PINNED_HASHES: Readonly<Record<string, string>> = {
  'darwin-amd64': 'f95c98d6b6ed2b63c5681b46b092c9585c99767d547cf495730c329234625e96',
  'darwin-arm64': 'ddd907854d9a2de834af133fa396915fe6442fe6d8909ae31390d1ea7a0fea50',
  'linux-amd64': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
  'linux-arm64': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
};

/** The first `x.y.z` in a text such as `nats-server: v2.10.27` or an apt version `2.10.27-1+b2`; undefined if there is none. */
export function findVersion(text: string): string | undefined {
  return /(\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; both `x.y.z`. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const isRecentEnough = (version: string): boolean => compareVersions(version, MINIMUM_VERSION) >= 0;
