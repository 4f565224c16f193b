/** A question to the provisioner for the sealed copies of a cluster: all of them without what is in them, or one, opened. */
import { z } from 'zod';

export const ESCROW_KINDS = ['state', 'kubeconfig', 'sshKey'] as const;

export const escrowRequestSchema = z.object({
  /** Of a cluster that is there, or was: the log keeps them. */
  name: z.string(),
  /** Absent: a list. */
  what: z.enum(ESCROW_KINDS).optional(),
  /** Absent: the newest. */
  version: z.int().min(1).optional(),
});
export type EscrowRequest = z.infer<typeof escrowRequestSchema>;

export const escrowCopySchema = z.object({
  /** Of the cluster: one of the same name may have been there before. */
  uid: z.string(),
  what: z.enum(ESCROW_KINDS),
  version: z.int(),
  /** Of the plain text. */
  sha256: z.string(),
  /** SHA-256 of the certificate authority in it, or of the public key. */
  caFingerprint: z.string(),
  /** Id of the sealing key. */
  key: z.string(),
  /** RFC 3339. */
  at: z.string(),
  /** Of a kubeconfig: address of the API. */
  endpoint: z.string().optional(),
});
export type EscrowCopy = z.infer<typeof escrowCopySchema>;

/** The answer, or why there is none. `text` only where one was asked for. */
export const escrowReplySchema = z.union([
  z.object({ copies: z.array(escrowCopySchema), text: z.string().optional() }),
  z.object({ error: z.string(), code: z.int() }),
]);
export type EscrowReply = z.infer<typeof escrowReplySchema>;
