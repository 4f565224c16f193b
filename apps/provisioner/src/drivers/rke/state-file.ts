/**
 * cluster.rkestate of RKE: JSON with desired and current state, keys of all certificates in clear. RKE mints a new authority when it cannot
 * read the file, so nothing is believed of it but what is whole.
 */
import { z } from 'zod';
import { sha256 } from '../../escrow/escrow-keys.js';

const certificate = z.looseObject({ certificatePEM: z.string().optional(), config: z.string().optional() });
const half = z.looseObject({ certificatesBundle: z.record(z.string(), certificate).optional() });
const stateSchema = z.looseObject({ desiredState: half, currentState: half.optional() });

export interface RkeState {
  /** SHA-256 of the authority. */
  caFingerprint: string;
  /** Of kube-admin. */
  kubeconfig: string | undefined;
  /** The control plane is up: the next run takes the way of an upgrade. */
  hasCurrent: boolean;
}

/** Undefined for a file that is cut off, empty or without an authority. */
export function readState(text: string): RkeState | undefined {
  let parsed: z.infer<typeof stateSchema>;
  try {
    parsed = stateSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
  const bundle = parsed.desiredState.certificatesBundle ?? {};
  const authority = bundle['kube-ca']?.certificatePEM;
  if (authority === undefined || authority === '') return undefined;
  const kubeconfig = bundle['kube-admin']?.config;
  return {
    caFingerprint: authorityFingerprint(authority),
    kubeconfig: kubeconfig === '' ? undefined : kubeconfig,
    hasCurrent: Object.keys(parsed.currentState?.certificatesBundle ?? {}).length > 0,
  };
}

/** The same state with nothing installed: RKE then goes the way of a first installation, with the same authority. */
export function withoutCurrent(text: string): string {
  const parsed = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...parsed, currentState: {} }, undefined, 2);
}

/** Of the PEM text, whatever white space is around it. */
export const authorityFingerprint = (pem: string): string => sha256(pem.replaceAll(/\s+/g, ''));
