/** What an OpenID issuer says of itself (OpenID Connect Discovery 1.0). */
import { z } from 'zod';

const issuerSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  authorization_endpoint: z.string().optional(),
  token_endpoint: z.string().optional(),
});

export type IssuerDocument = z.infer<typeof issuerSchema>;

export const ISSUER_WITHIN_MS = 5_000;

/** @throws Error naming the address and what is wrong there */
export async function discoverIssuer(issuer: string): Promise<IssuerDocument> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(ISSUER_WITHIN_MS) });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`);
  const found = issuerSchema.parse(await response.json());
  if (found.issuer !== issuer) throw new Error(`${url} is of the issuer "${found.issuer}"; set exactly that one`);
  return found;
}
