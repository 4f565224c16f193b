/**
 * A gateway's configuration as files of HAProxy. What a route frame says is in the server name of the handshake, in clear: a label for service, port
 * and pod, the dialler's cluster, the dialled one's kind. A line of the certificate list for each dialler lets only its own authorities vouch for
 * that name, so a peer cannot ask as another; a map of what is exported is the deny by default. Pure.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { GatewayConfig, GatewayListener } from '@skyflow/contracts';

/** What a proxy of HAProxy carries, by the proxy's name. */
export interface Carried {
  direction: 'in' | 'out';
  peer: string;
  service: string;
}

export interface HaproxyFiles {
  /** By path. */
  files: Map<string, string>;
  /** Path of the configuration. */
  main: string;
  proxies: Map<string, Carried>;
}

export interface HaproxyPlace {
  folder: string;
  /** `host:port` where peers dial it. */
  listen: string | undefined;
  /** Of its control socket. */
  stats: string;
}

const ALPN = 'sky-mesh-haproxy/1';
const CHECK = 'check';
const TIMES = `  timeout connect 5s
  timeout client 1h
  timeout server 1h`;

export const serverName = (label: string, dialler: string): string => `${label}.${dialler}.sky-mesh`;

export const routeLabel = (service: string, port: string, pod: string): string =>
  createHash('sha256')
    .update(JSON.stringify([service, port, pod]))
    .digest('hex')
    .slice(0, 40);

export function haproxyFiles(config: GatewayConfig, { folder, listen, stats }: HaproxyPlace): HaproxyFiles {
  const at = (name: string): string => join(folder, name);
  const { identity, peers } = config;
  const files = new Map([[at('identity.pem'), identity.certificate + identity.privateKey]]);
  const proxies = new Map<string, Carried>();
  for (const { cluster, authorities } of peers) files.set(at(`${cluster}.ca.pem`), authorities.join(''));
  const sections = [
    `global
  stats socket ${stats} mode 600 level admin
  tune.ssl.cachesize 0
  ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets
  ssl-default-server-options ssl-min-ver TLSv1.3 no-tls-tickets
defaults
  mode tcp
${TIMES}`,
  ];
  if (listen !== undefined) sections.push(...ingress(config, listen, { at, files, proxies }));
  const known = new Map(peers.map((peer) => [peer.cluster, peer.addresses]));
  for (const [number, listener] of config.listeners.entries()) {
    const name = `out-${number}`;
    proxies.set(name, { direction: 'out', peer: listener.peer, service: listener.service });
    const [address] = known.get(listener.peer) ?? [];
    sections.push(egress(name, listener, config.cluster, address, at));
  }
  files.set(at('haproxy.cfg'), `${sections.join('\n')}\n`);
  return { files, main: at('haproxy.cfg'), proxies };
}

interface Building {
  at: (name: string) => string;
  files: Map<string, string>;
  proxies: Map<string, Carried>;
}

function ingress({ peers, exports }: GatewayConfig, listen: string, { at, files, proxies }: Building): string[] {
  const routes: string[] = [];
  const backends: string[] = [];
  for (const { service, to, pods } of exports) {
    for (const peer of peers.filter(({ cluster }) => to.includes(cluster))) {
      for (const { uid, ports } of pods) {
        for (const [port, place] of Object.entries(ports)) {
          const name = `in-${backends.length}`;
          proxies.set(name, { direction: 'in', peer: peer.cluster, service });
          routes.push(`${serverName(routeLabel(service, port, uid), peer.cluster)} ${name}`);
          backends.push(`backend ${name}\n  server pod ${place}`);
        }
      }
    }
  }
  const lines = peers.map(
    ({ cluster }) =>
      `${at('identity.pem')} [alpn ${ALPN} ca-file ${at(`${cluster}.ca.pem`)} verify required] ${serverName('*', cluster)}`,
  );
  files.set(at('routes.map'), `${routes.join('\n')}\n`);
  files.set(at('diallers.list'), `${lines.join('\n')}\n`);
  // With nobody to answer there is no certificate to answer with, and HAProxy would not start.
  if (lines.length === 0) return [];
  const route = `ssl_fc_sni,lower,map(${at('routes.map')})`;
  return [
    `frontend ingress
  bind ${listen} ssl strict-sni crt-list ${at('diallers.list')}
  tcp-request content reject unless { ${route} -m found }
  use_backend %[${route}]`,
    ...backends,
  ];
}

function egress(
  name: string,
  { address: host, port, peer, service, servicePort, pods }: GatewayListener,
  cluster: string,
  address: string | undefined,
  at: (name: string) => string,
): string {
  const servers =
    address === undefined
      ? []
      : pods.map((pod, number) => {
          const asked = serverName(routeLabel(service, servicePort, pod), cluster);
          const tls = `ssl crt ${at('identity.pem')} ca-file ${at(`${peer}.ca.pem`)} verify required alpn ${ALPN} no-ssl-reuse`;
          const check = `check check-sni ${serverName(CHECK, cluster)} check-alpn ${ALPN} inter 500ms fall 2 rise 1`;
          return `  server pod-${number} ${address} ${tls} sni str(${asked}) ${check}`;
        });
  return [`listen ${name}`, `  bind ${host}:${port}`, '  balance random', ...servers].join('\n');
}
