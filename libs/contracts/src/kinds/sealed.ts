/** Values of a Secret as the log keeps them: never in clear. See docs/adr/0009-sealed-secrets.md. */
import { z } from 'zod';

export const sealedDataSchema = z.object({
  v: z.literal(1),
  /** Which key of the instance's keyring sealed `key`. */
  kid: z.string(),
  /** The data's own key, sealed; base64. */
  key: z.string(),
  /** JSON of {@link SealedPayload}, sealed with the data's own key; base64. */
  data: z.string(),
  /** The names in `data`, in clear. */
  names: z.array(z.string()),
});
export type SealedData = z.infer<typeof sealedDataSchema>;

/** What is sealed. */
export interface SealedPayload {
  /** core/v1 Secret `data`: base64 by name. */
  data: Record<string, string>;
  /** kubectl's copy of the manifest, which holds the values too. */
  lastApplied?: string;
}

/** What sealed data is bound to. */
export const sealedName = (namespace: string, name: string): string => `Secret/${namespace}/${name}`;
