/** The Go module beside this code: where it is, which Kubernetes it pins, and a hash that changes when it does. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Both src/ and dist/ are one folder below the package. */
const GO_MODULE = fileURLToPath(new URL('../../go/', import.meta.url));

export interface GoSource {
  directory: string;
  /** For instance `v1.36.3`. */
  version: string;
  /** Over the names and contents of all files. */
  hash: string;
}

/** @throws Error when go.mod names no version of k8s.io/kubernetes */
export function readSource(directory = GO_MODULE): GoSource {
  const files = readdirSync(directory)
    .filter((name) => /\.go$|^go\.(mod|sum)$/.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const name of files)
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(directory, name)))
      .update('\0');
  return {
    directory,
    version: kubernetesVersion(readFileSync(join(directory, 'go.mod'), 'utf8')),
    hash: hash.digest('hex').slice(0, 12),
  };
}

/** @throws Error */
export function kubernetesVersion(goMod: string): string {
  const version = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)$/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error('go.mod requires no released version of k8s.io/kubernetes; add one');
  return version;
}

/** What makes GET /version and `--version` say what was linked; upstream's own build sets the same variables. */
export function versionFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const values = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
  };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const settings = packages.flatMap((path) =>
    Object.entries(values).map(([name, value]) => `-X ${path}.${name}=${value}`),
  );
  return ['-s', '-w', ...settings].join(' ');
}
