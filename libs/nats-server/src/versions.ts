/**
 * Which nats-server versions SkyFlow runs on, and the one it installs itself.
 *
 * The hashes are of the release archives on GitHub. They were read from two independent records and agree where both have them:
 * cashapp/hermit-packages `nats-server.hcl` (commit f0517fd, all four platforms, copied by its bot from the release's
 * SHA256SUMS) and nats-io/nats-docker `2.12.x/alpine3.22/Dockerfile` (commit e6bf552 "Releases v2.12.8", both Linux ones).
 */

/** Oldest server that SkyFlow runs on (the one in Debian 13); older ones miss features silently. */
export const MINIMUM_VERSION = '2.10.0';

/** The version that is downloaded or built when the machine has none. */
export const PINNED_VERSION = '2.12.8';

/** SHA-256 of `nats-server-v<PINNED_VERSION>-<platform>.tar.gz`, by `<os>-<arch>` as the release names them. */
export const PINNED_HASHES: Readonly<Record<string, string>> = {
  'darwin-amd64': '8880e133f45c6974468d351425db9a73ffe3b569850cad2bfbaa349d80939a7f',
  'darwin-arm64': '4556a7f617eb532587790344629a6a95261099b236524b764d1f10d6c14aba1a',
  'linux-amd64': '6abc397684567e133649688a13564ad6de786d64e88253fbb4f6a3aa8c2fca63',
  'linux-arm64': '7d20e93c23924cdd5cb6ec51c92f9478c97f9c8a0dbe049dd7ab88af115d622c',
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
