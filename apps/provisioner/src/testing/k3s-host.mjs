/**
 * Stands for a Linux host with systemd where there is none to build on: sshd runs this instead of every command. A script that is to run as
 * root runs under a real shell, with the folders of the system below ROOT, and with systemctl, journalctl, curl and k3s that behave as
 * theirs do towards it.
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
  curl: `if grep -qs curl "$ROOT/bad"; then echo 'curl: (6) Could not resolve host: get.k3s.io' >&2; exit 6; fi
cat >"$4" <<'INSTALL'
[ "$1" = server ] && unit=k3s || unit=k3s-agent
[ "$unit" = k3s ] && un=k3s-uninstall.sh || un=k3s-agent-uninstall.sh
mkdir -p "$ROOT/etc/systemd/system" "$ROOT/usr/local/bin"
touch "$ROOT/etc/systemd/system/$unit.service"
printf '#!/bin/sh\\nrm -rf %s/etc/systemd/system/%s.service %s/var/lib/rancher %s/active-%s %s/usr/local/bin/%s\\n' "$ROOT" "$unit" "$ROOT" "$ROOT" "$unit" "$ROOT" "$un" >"$ROOT/usr/local/bin/$un"
chmod +x "$ROOT/usr/local/bin/$un"
printf %s "\${INSTALL_K3S_VERSION:-stable}" >"$ROOT/version"
echo "[INFO]  Installing $unit \${INSTALL_K3S_VERSION:-stable}"
INSTALL`,
  systemctl: `case "$1" in
  stop) rm -f "$ROOT/active-$2" ;;
  restart|start)
    if [ -e "$ROOT/var/lib/rancher/k3s/server/db/broken" ]; then echo 'level=fatal msg="etcd is broken"' >"$ROOT/journal"; exit 1; fi
    token=$(sed -n 's/^token: //p' "$ROOT/etc/rancher/k3s/config.yaml")
    used="$ROOT/var/lib/rancher/k3s/used-token"
    mkdir -p "$ROOT/var/lib/rancher/k3s"
    if [ -e "$used" ] && [ "$(cat "$used")" != "$token" ]; then
      echo 'level=fatal msg="starting kubernetes: preparing server: bootstrap data already found and encrypted with different token"' >"$ROOT/journal"
      exit 1
    fi
    printf %s "$token" >"$used"
    grep -qs ready "$ROOT/bad" || touch "$ROOT/active-$2" ;;
  is-active) [ -e "$ROOT/active-$3" ] ;;
  disable) rm -f "$ROOT/active-$3" ;;
esac`,
  journalctl: 'cat "$ROOT/journal" 2>/dev/null',
  // A running server refuses what only a stopped one may be asked.
  k3s: `db="$ROOT/var/lib/rancher/k3s/server/db"
case "$1 $2" in
  --version*) echo "k3s version $(cat "$ROOT/version") (0123abcd)"; exit 0 ;;
  'etcd-snapshot save')
    mkdir -p "$db/snapshots"
    cp "$db/data" "$db/snapshots/$4-node-$(date +%s)" 2>/dev/null || : >"$db/snapshots/$4-node-$(date +%s)"
    exit 0 ;;
  'server --cluster-reset')
    if [ -e "$ROOT/active-k3s" ]; then echo 'level=fatal msg="k3s is running"' >&2; exit 1; fi
    if [ -e "$db/reset-flag" ]; then echo 'level=fatal msg="cluster-reset was successfully performed, please remove the cluster-reset flag"' >&2; exit 1; fi
    cp "\${3#*=}" "$db/data"; touch "$db/reset-flag"
    echo 'level=info msg="Managed etcd cluster membership has been reset, restart without --cluster-reset flag now"'
    exit 0 ;;
  'certificate rotate')
    if [ -e "$ROOT/active-k3s" ] || [ -e "$ROOT/active-k3s-agent" ]; then echo 'level=fatal msg="k3s is running"' >&2; exit 1; fi
    echo rotated >>"$ROOT/rotations"; exit 0 ;;
esac
case "$2" in
  get) [ -e "$ROOT/active-k3s" ] ;;
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
