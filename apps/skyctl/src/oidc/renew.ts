/**
 * The next ID token of a login at an issuer. Issuers replace the refresh token at each use and take a used one for stolen, so one skyctl
 * at a time asks, and the others take what it got.
 */
import { type ContextEntry, putContext, readConfig } from '../config/config-file.js';
import { withConfigLock } from '../config/config-lock.js';
import { inWords, isOver, openIssuer, tokensOf } from './issuer.js';

export type OidcContext = ContextEntry & { oidcIssuer: string; oidcClientId: string };

export const isOidc = (context: ContextEntry | undefined): context is OidcContext =>
  context?.oidcIssuer !== undefined && context.oidcClientId !== undefined;

/** The context with a fresh token; as it is when the issuer's session is over. @throws CliError when it cannot be reached */
export async function renewed(context: OidcContext, path: string): Promise<ContextEntry> {
  return await withConfigLock(path, async () => {
    const now = (await readConfig(path))?.contexts.find(({ name }) => name === context.name) ?? context;
    if (now.token !== context.token || now.refreshToken === undefined) return now;
    const { oidcIssuer, oidcClientId } = context;
    const { protocol, config } = await openIssuer(oidcIssuer, oidcClientId);
    const refreshToken = now.refreshToken;
    try {
      const { idToken, ...tokens } = await inWords(oidcIssuer, async () =>
        tokensOf(await protocol.refreshTokenGrant(config, refreshToken)),
      );
      const next = { ...now, ...tokens, token: idToken };
      await putContext(path, next, false);
      return next;
    } catch (error) {
      if (isOver(error)) return now;
      throw error;
    }
  });
}

/** Tells the issuer that the session is over; one that knows no revocation keeps it until it ends by itself. */
export async function revoked({ oidcIssuer, oidcClientId, refreshToken }: OidcContext): Promise<void> {
  if (refreshToken === undefined) return;
  const { protocol, config } = await openIssuer(oidcIssuer, oidcClientId);
  if (config.serverMetadata().revocation_endpoint === undefined) return;
  await inWords(oidcIssuer, () => protocol.tokenRevocation(config, refreshToken));
}
