#!/usr/bin/env bash
# Makes the base images of the Dockerfile and images of nats-server and haproxy from Debian's packages, npm's Node and a nats-server of this
# machine, for where no image can be pulled:
#
#   deploy/images/local-bases.sh NODE_BINARY NATS_SERVER_BINARY [MADE_OF]
#
# Gives skyflow/build-base:local, skyflow/runtime-base:local, skyflow/nats:local and skyflow/haproxy:local, each with MADE_OF as its label
# `made-of`, by which old ones are known. Needs root, debootstrap and docker.
set -euo pipefail
node=$1 nats=$2 made_of=${3-}
# bin/npm is a link to npm/bin/npm-cli.js.
npm_package=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With a shell and npm: what builds.
debootstrap --variant=minbase --include=ca-certificates,busybox-static,libstdc++6,haproxy bookworm "$work/build" >"$work/log" || {
  tail -20 "$work/log" "$work/build/debootstrap/debootstrap.log" >&2
  exit 1
}
rm -rf "$work/build/var/cache/apt" "$work/build/var/lib/apt/lists"
install -D "$node" "$work/build/usr/local/bin/node"
mkdir -p "$work/build/usr/local/lib/node_modules"
cp -a "$npm_package" "$work/build/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/build/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/build/usr/local/bin/npx"

# Node, the libraries it is linked with and the certificates: what runs. No shell, no package manager.
runtime=$work/runtime
mkdir -p "$runtime"/{etc/ssl/certs,tmp,proc,sys,dev,usr/local/bin,usr/lib,usr/lib64}
ln -s usr/lib "$runtime/lib"
ln -s usr/lib64 "$runtime/lib64"
cp -a "$work/build"/etc/{passwd,group,nsswitch.conf,debian_version} "$runtime/etc/" 2>/dev/null || true
cp -aL "$work/build/etc/ssl/certs/ca-certificates.crt" "$runtime/etc/ssl/certs/"
ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$runtime/usr$(dirname "${library#/usr}")"
  cp -L "$work/build$library" "$runtime/usr${library#/usr}"
done
for library in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
  cp -L "$work/build/lib/$(uname -m)-linux-gnu/$library" "$runtime/usr/lib/$(uname -m)-linux-gnu/"
done
install -D "$node" "$runtime/usr/local/bin/node"
chmod 1777 "$runtime/tmp"

# nats-server with the wget that the health check of compose asks it by, as in the official alpine image.
server=$work/nats
mkdir -p "$server"/{bin,etc,tmp,data}
cp "$work/build/bin/busybox" "$server/bin/busybox"
ln -s busybox "$server/bin/wget"
ln -s busybox "$server/bin/sh"
install "$nats" "$server/bin/nats-server"
chown 65532:65532 "$server/data"

# haproxy with the same wget.
balancer=$work/haproxy
mkdir -p "$balancer"/{bin,etc/haproxy,tmp,usr/lib,usr/lib64}
ln -s usr/lib "$balancer/lib"
ln -s usr/lib64 "$balancer/lib64"
cp "$work/build/bin/busybox" "$balancer/bin/busybox"
ln -s busybox "$balancer/bin/wget"
cp "$work/build/usr/sbin/haproxy" "$balancer/bin/haproxy"
chroot "$work/build" ldd /usr/sbin/haproxy | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$balancer/usr$(dirname "${library#/usr}")"
  cp -L "$work/build$library" "$balancer/usr${library#/usr}"
done

image() { # FOLDER NAME PATH [CHANGE]
  tar -C "$1" -c . | docker import --change "LABEL made-of=$made_of" --change "ENV PATH=$3" ${4:+--change "$4"} - "skyflow/$2:local"
}
image "$work/build" build-base /usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
image "$runtime" runtime-base /usr/local/bin
image "$server" nats /bin 'ENTRYPOINT ["/bin/nats-server"]'
image "$balancer" haproxy /bin 'ENTRYPOINT ["/bin/haproxy"]'
