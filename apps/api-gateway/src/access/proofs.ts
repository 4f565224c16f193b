/** The further ways to prove who one is that the settings ask for. */
import type { Proof } from './authenticator.js';
import { ClientCertificates } from './client-certificates.js';
import { Oidc } from './oidc.js';

export interface ProofSettings {
  SKYFLOW_CLIENT_CA_FILE?: string | undefined;
  SKYFLOW_OIDC_ISSUER?: string | undefined;
  SKYFLOW_OIDC_CLIENT_ID?: string | undefined;
  SKYFLOW_OIDC_USER_CLAIM?: string | undefined;
  SKYFLOW_OIDC_GROUPS_CLAIM?: string | undefined;
  SKYFLOW_OIDC_PREFIX?: string | undefined;
}

export class ProofSettingsError extends Error {
  override readonly name = 'ProofSettingsError';
}

/** @throws ProofSettingsError when a part is missing */
export function proofsOf(settings: ProofSettings, warn: (line: string) => void): Proof[] {
  const { SKYFLOW_OIDC_ISSUER: issuer, SKYFLOW_OIDC_CLIENT_ID: clientId } = settings;
  if ((issuer === undefined) !== (clientId === undefined)) {
    throw new ProofSettingsError('SKYFLOW_OIDC_ISSUER and SKYFLOW_OIDC_CLIENT_ID belong together: set both or none');
  }
  return [
    ...(settings.SKYFLOW_CLIENT_CA_FILE === undefined ? [] : [new ClientCertificates()]),
    ...(issuer === undefined || clientId === undefined
      ? []
      : [
          new Oidc({
            issuer,
            clientId,
            userClaim: settings.SKYFLOW_OIDC_USER_CLAIM ?? 'sub',
            groupsClaim: settings.SKYFLOW_OIDC_GROUPS_CLAIM ?? 'groups',
            prefix: settings.SKYFLOW_OIDC_PREFIX ?? 'oidc:',
            warn,
          }),
        ]),
  ];
}
