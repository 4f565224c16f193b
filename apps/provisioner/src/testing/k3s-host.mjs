/**
 * Stands for a Linux host with systemd where there is none to build on: sshd runs this instead of every command. A script that is to run as
 * root runs under a real shell, with the folders of the system below ROOT, and with systemctl, journalctl, curl and k3s that behave as
 * theirs do towards it (k3s also as rke2, once that is installed).
 *
 *   node k3s-host.mjs ROOT     (SSH_ORIGINAL_COMMAND is what was asked for)
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [, , root = ''] = process.argv;
const command = process.env.SSH_ORIGINAL_COMMAND ?? '';
const FOLDERS = /(^|[\s'"(=<>])(\/(?:etc\/rancher|etc\/systemd|var\/lib|usr\/local\/bin|run)(?=[/\s]))/gm;

/** `bad` in ROOT holds what goes wrong: curl, ready. */
const PROGRAMS = {
  // The installer of k3s is told by its argument what to be, that of RKE2 by its environment.
  curl: `if grep -qs curl "$ROOT/bad"; then echo 'curl: (6) Could not resolve host: get.k3s.io' >&2; exit 6; fi
cat >"$4" <<'INSTALL'
case "\${INSTALL_RKE2_TYPE:-}$1" in
  server) [ -n "\${INSTALL_RKE2_TYPE:-}" ] && unit=rke2-server || unit=k3s ;;
  agent) [ -n "\${INSTALL_RKE2_TYPE:-}" ] && unit=rke2-agent || unit=k3s-agent ;;
  *) echo "no kind of node: $1"; exit 1 ;;
esac
case $unit in rke2-*) un=rke2-uninstall.sh ;; k3s) un=k3s-uninstall.sh ;; *) un=k3s-agent-uninstall.sh ;; esac
mkdir -p "$ROOT/etc/systemd/system" "$ROOT/usr/local/bin"
touch "$ROOT/etc/systemd/system/$unit.service"
case $unit in rke2-*) ln -sf k3s "$ROOT/bin/rke2" ;; esac
printf '#!/bin/sh\\nrm -rf %s/etc/systemd/system/%s.service %s/var/lib/rancher %s/active-%s %s/bin/rke2 %s/usr/local/bin/%s\\n' "$ROOT" "$unit" "$ROOT" "$ROOT" "$unit" "$ROOT" "$ROOT" "$un" >"$ROOT/usr/local/bin/$un"
chmod +x "$ROOT/usr/local/bin/$un"
version="\${INSTALL_K3S_VERSION:-\${INSTALL_RKE2_VERSION:-stable}}"
printf %s "$version" >"$ROOT/version"
echo "[INFO]  Installing $unit $version"
INSTALL`,
  // A server of RKE2 brings its kubectl along when it starts.
  systemctl: `of() { case "$1" in rke2-*) echo rke2 ;; *) echo k3s ;; esac; }
case "$1" in
  stop) rm -f "$ROOT/active-$2" ;;
  restart|start)
    data="$ROOT/var/lib/rancher/$(of "$2")"
    if [ -e "$data/server/db/broken" ]; then echo 'level=fatal msg="etcd is broken"' >"$ROOT/journal"; exit 1; fi
    token=$(sed -n 's/^token: //p' "$ROOT/etc/rancher/$(of "$2")/config.yaml")
    mkdir -p "$data/bin"
    if [ -e "$data/used-token" ] && [ "$(cat "$data/used-token")" != "$token" ]; then
      echo 'level=fatal msg="starting kubernetes: preparing server: bootstrap data already found and encrypted with different token"' >"$ROOT/journal"
      exit 1
    fi
    printf %s "$token" >"$data/used-token"
    if [ "$2" = rke2-server ]; then
      printf '#!/bin/sh\\nshift 2\\nexec %s/bin/rke2 kubectl "$@"\\n' "$ROOT" >"$data/bin/kubectl"
      chmod +x "$data/bin/kubectl"
    fi
    grep -qs ready "$ROOT/bad" || touch "$ROOT/active-$2" ;;
  is-active) [ -e "$ROOT/active-$3" ] ;;
  disable) rm -f "$ROOT/active-$3" ;;
esac`,
  journalctl: 'cat "$ROOT/journal" 2>/dev/null',
  // Also as rke2. A running server refuses what only a stopped one may be asked.
  k3s: `me=$(basename "$0")
db="$ROOT/var/lib/rancher/$me/server/db"
[ "$me" = rke2 ] && server=rke2-server || server=k3s
case "$1 $2" in
  --version*) echo "$me version $(cat "$ROOT/version") (0123abcd)"; exit 0 ;;
  'etcd-snapshot save')
    mkdir -p "$db/snapshots"
    cp "$db/data" "$db/snapshots/$4-node-$(date +%s)" 2>/dev/null || : >"$db/snapshots/$4-node-$(date +%s)"
    exit 0 ;;
  'server --cluster-reset')
    if [ -e "$ROOT/active-$server" ]; then echo "level=fatal msg=\\"$me is running\\"" >&2; exit 1; fi
    if [ -e "$db/reset-flag" ]; then echo 'level=fatal msg="cluster-reset was successfully performed, please remove the cluster-reset flag"' >&2; exit 1; fi
    cp "\${3#*=}" "$db/data"; touch "$db/reset-flag"
    echo 'level=info msg="Managed etcd cluster membership has been reset, restart without --cluster-reset flag now"'
    exit 0 ;;
  'certificate rotate')
    if [ -e "$ROOT/active-$server" ] || [ -e "$ROOT/active-$me-agent" ]; then echo "level=fatal msg=\\"$me is running\\"" >&2; exit 1; fi
    echo rotated >>"$ROOT/rotations"; exit 0 ;;
esac
case "$2" in
  get) [ -e "$ROOT/active-$server" ] ;;
  delete) echo "$4" >>"$ROOT/deleted-nodes" ;;
esac`,
};

if (command.includes('exec sh -s')) {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(root, 'run'), { recursive: true });
  for (const [name, body] of Object.entries(PROGRAMS)) {
    if (existsSync(join(bin, name))) continue;
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const script = readFileSync(0, 'utf8').replaceAll(FOLDERS, `$1${root}$2`);
  const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
    input: script,
    encoding: 'utf8',
    env: { PATH: `${bin}:/usr/bin:/bin`, ROOT: root },
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exit(status ?? 1);
} else {
  process.exit(spawnSync('sh', ['-c', command], { stdio: 'inherit' }).status ?? 1);
}
