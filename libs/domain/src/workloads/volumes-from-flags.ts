/** `--volumes SOURCE DIR`: volumes of a pod, and where its container has them. The seed's source is a bucket, which Kubernetes cannot mount. */
import type { FlagProblems, KeyValue } from './flags.js';

const RULE =
  'must be SOURCE DIR with an absolute directory, and as source a PersistentVolumeClaim by name, configmap/NAME, secret/NAME, /path of the node, or empty';

export function volumesFromFlags(
  pairs: readonly KeyValue[],
  problems: FlagProblems,
): { volumes: object[]; mounts: object[] } {
  const volumes: object[] = [];
  const mounts: object[] = [];
  for (const [index, { key: source, value: directory }] of pairs.entries()) {
    const volume = volumeOf(source);
    if (/^[a-z0-9]+:\/\//.test(source)) {
      problems.add(
        '--volumes',
        source,
        'buckets are not mounted; a PersistentVolumeClaim of a CSI driver for them can be',
      );
    } else if (volume === undefined || !directory.startsWith('/'))
      problems.add('--volumes', `${source}=${directory}`, RULE);
    const name = `volume-${index + 1}`;
    volumes.push({ name, ...volume });
    mounts.push({ name, mountPath: directory });
  }
  return { volumes, mounts };
}

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function volumeOf(source: string): object | undefined {
  if (source.startsWith('/')) return { hostPath: { path: source } };
  if (source === 'empty') return { emptyDir: {} };
  const [kind = '', name, ...more] = source.split('/');
  if (name === undefined) return NAME.test(kind) ? { persistentVolumeClaim: { claimName: kind } } : undefined;
  if (more.length > 0 || !NAME.test(name)) return undefined;
  if (['configmap', 'cm'].includes(kind)) return { configMap: { name } };
  return kind === 'secret' ? { secret: { secretName: name } } : undefined;
}
