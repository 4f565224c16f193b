/**
 * What a cluster of k3s cannot be without: its token and its authorities. Chosen by us before a host is touched, so that no secret is born on
 * a machine, and with them a kubeconfig that is good from the first moment.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type Authority, issueCertificate } from '@skyflow/certificates';
import { stringify } from 'yaml';
import { z } from 'zod';
import { sha256 } from '../../escrow/escrow-keys.js';
import type { DriverCluster } from '../cluster-driver.js';

const pair = z.object({ certificate: z.string(), privateKey: z.string() });
const nodeSchema = z.object({
  name: z.string(),
  address: z.string(),
  port: z.int(),
  user: z.string(),
  keyPath: z.string(),
  hostKey: z.string().optional(),
});
const stateSchema = z.object({
  token: z.string().min(32),
  /** Relative to the folder of authorities, without `.crt` and `.key`. */
  authorities: z.record(z.string(), pair),
  /** PEM; signs service account tokens. */
  serviceKey: z.string(),
  admin: pair,
  /** Hosts that have something of it. */
  nodes: z.array(nodeSchema),
});
export type K3sState = z.infer<typeof stateSchema>;
export type K3sNode = z.infer<typeof nodeSchema>;

const YEAR_MS = 365 * 24 * 3_600_000;
/** As k3s has them (docs.k3s.io/cli/certificate, "Using custom CA certificates"). */
const AUTHORITIES = ['server-ca', 'client-ca', 'request-header-ca', 'etcd/peer-ca', 'etcd/server-ca'] as const;

/** Of the administrator: as long as k3s would not live without being looked at. */
const ADMIN_LIFE_MS = 5 * YEAR_MS;

export function freshState(nowMs: number): K3sState {
  const authority = (name: string): Authority =>
    issueCertificate({ subject: subjectOf(name), use: 'authority', lifeMs: 10 * YEAR_MS, nowMs });
  const authorities = Object.fromEntries(AUTHORITIES.map((name) => [name, authority(name)]));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const only = ({ certificate, privateKey: key }: Authority): z.infer<typeof pair> => ({
    certificate,
    privateKey: key,
  });
  return {
    token: randomBytes(32).toString('hex'),
    authorities: Object.fromEntries(Object.entries(authorities).map(([name, each]) => [name, only(each)])),
    serviceKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    admin: only(adminOf(authorities['client-ca'], nowMs)),
    nodes: [],
  };
}

const subjectOf = (name: string): Authority['subject'] => ({ commonName: `skyflow-k3s-${name.replace('/', '-')}` });

const adminOf = (authority: Authority | undefined, nowMs: number): Authority => {
  const subject = { commonName: 'system:admin', organizations: ['system:masters'] };
  return issueCertificate({ subject, use: 'client', lifeMs: ADMIN_LIFE_MS, nowMs }, authority);
};

/** The same cluster with a new certificate of its administrator. */
export function withNewAdmin(state: K3sState, nowMs: number): K3sState {
  const pairOfClients = state.authorities['client-ca'];
  if (pairOfClients === undefined) throw new Error('a state of k3s without the authority of its clients');
  const { certificate, privateKey } = adminOf({ ...pairOfClients, subject: subjectOf('client-ca') }, nowMs);
  return { ...state, admin: { certificate, privateKey } };
}

/** Undefined for what is cut off, or no state. */
export function readK3sState(text: string): K3sState | undefined {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export const serverAuthority = ({ authorities }: K3sState): string => authorities['server-ca']?.certificate ?? '';

/** As of the authority in a kubeconfig: of its text without white space. */
export const k3sFingerprint = (state: K3sState): string => sha256(serverAuthority(state).replaceAll(/\s+/g, ''));

export function fingerprintOfK3s(text: string): string | undefined {
  const state = readK3sState(text);
  return state === undefined ? undefined : k3sFingerprint(state);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Good from the first moment of the API on. */
export function kubeconfigOf({ name, nodes }: DriverCluster, state: K3sState): string {
  const first = nodes.find(({ roles }) => roles.includes('controlplane'));
  const user = `admin-${name}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: `https://${first?.address ?? ''}:6443`,
          'certificate-authority-data': base64(serverAuthority(state)),
        },
      },
    ],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': base64(state.admin.certificate),
          'client-key-data': base64(state.admin.privateKey),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user } }],
    'current-context': name,
  });
}
