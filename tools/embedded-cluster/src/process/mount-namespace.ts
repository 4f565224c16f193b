/**
 * Gives a process its volumes at their mount paths where the machine allows it (Linux, root, unshare): a mount namespace with
 * a root of its own, in which everything is a link to this machine's files and only the mount paths are different. Nothing
 * is written to this machine outside the pod's directory, and it all goes with the last process in it.
 */
import { spawnSync } from 'node:child_process';

export interface Mount {
  /** Absolute path in the container. */
  path: string;
  source: string;
  readOnly: boolean;
}

const TOOLS = { unshare: '/usr/bin/unshare', shell: '/bin/sh', nsenter: '/usr/bin/nsenter' };

/**
 * $1: an empty directory for the root, $2: the working directory, $3: number of mounts, then path, source, ro|rw of each,
 * then the command. File descriptor 3 is closed when all is in place. `real` makes a directory of the new root a real one, whose other entries are links.
 */
const SCRIPT = `
set -e
path=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1; cwd=$2; left=$3; shift 3
link() {
  from=$1; to=$2; shift 2
  for entry in "$from"/* "$from"/.[!.]*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then set -- "$@" "/.host$entry"; fi
  done
  if [ $# -gt 0 ]; then ln -s "$@" "$to/"; fi
}
real() {
  if [ -d "$root$1" ] && [ ! -L "$root$1" ]; then return 0; fi
  case $1 in */*/*) real "\${1%/*}" ;; esac
  rm -f "$root$1"; mkdir "$root$1"
  if [ -d "$1" ]; then link "$1" "$root$1"; fi
}
mount -t tmpfs -o mode=755 skyflow "$root"
mkdir "$root/.host"
mount --rbind / "$root/.host"
link "" "$root"
while [ "$left" -gt 0 ]; do
  case $1 in /*/*) real "\${1%/*}" ;; esac
  rm -f "$root$1"
  if [ -d "$2" ]; then mkdir -p "$root$1"; else : > "$root$1"; fi
  mount --bind "$2" "$root$1"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$root$1"; fi
  shift 3; left=$((left - 1))
done
PATH=$path
exec /usr/sbin/chroot "$root" /bin/sh -c 'exec 3>&-; cd "$1"; shift; exec "$@"' sh "$cwd" "$@"
`;

let allowed: boolean | undefined;

/** Tried once per process. */
export function canMount(): boolean {
  allowed ??=
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync(TOOLS.unshare, ['--mount', TOOLS.shell, '-c', 'mount -t tmpfs skyflow /mnt && command -v chroot'], {
      stdio: 'ignore',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    }).status === 0;
  return allowed;
}

/** The command that runs `command` with these mounts; `root` is an empty directory. Longer paths are mounted later. */
export function mountedCommand(
  command: readonly string[],
  root: string,
  cwd: string,
  mounts: readonly Mount[],
): string[] {
  const ordered = [...mounts].sort((a, b) => a.path.length - b.path.length);
  const list = ordered.flatMap(({ path, source, readOnly }) => [path, source, readOnly ? 'ro' : 'rw']);
  return [
    ...[TOOLS.unshare, '--mount', '--propagation', 'private', TOOLS.shell, '-c', SCRIPT, 'skyflow-mounts'],
    ...[root, cwd, String(ordered.length), ...list],
    ...command,
  ];
}

/** The command that runs `command` where the process with this id is. */
export const enteredCommand = (command: readonly string[], pid: number): string[] => [
  TOOLS.nsenter,
  `--target=${pid}`,
  '--mount',
  '--root',
  '--wd',
  '--',
  ...command,
];
