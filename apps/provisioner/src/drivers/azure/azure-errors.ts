/**
 * What refusals of Azure mean for us, and which of them leave open whether something was done. Codes are those of "Troubleshoot common Azure
 * deployment errors" and "Allocation failures"; what was begun and refused afterwards has its code in the message of the SDK's error.
 */
import type { FailureClass } from '@skyflow/contracts';
import { ProvisionError } from '../../provision-error.js';
import { UnknownOutcomeError } from '../machine-driver.js';

interface Kind {
  class: FailureClass;
  says: RegExp;
  advice: string;
}

const AUTH_ADVICE =
  'give the provisioner credentials with the role Contributor in the subscription: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET';

const KINDS: readonly Kind[] = [
  {
    class: 'capacity',
    says: /\b(SkuNotAvailable|(Zonal|Overconstrained|OverconstrainedZonal)?AllocationFailed|Overconstrained(Zonal)?AllocationRequest|NotAvailableForSubscription)\b/,
    advice: 'nothing: the next offer is tried',
  },
  {
    class: 'quota',
    says: /\b(\w*QuotaExceeded|\w*LimitReached|OperationNotAllowed\b[^]*\b[Qq]uota)\b/,
    advice: 'ask Azure for more under Quotas, or use another region; the next offer is tried',
  },
  {
    class: 'auth',
    says: /\b(AuthorizationFailed|InvalidAuthenticationToken\w*|ExpiredAuthenticationToken|SubscriptionNotFound|\w*CredentialUnavailableError|AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError)\b/,
    advice: AUTH_ADVICE,
  },
];

const UNREACHED: [FailureClass, string] = [
  'network',
  'let the provisioner reach login.microsoftonline.com, or whatever AZURE_AUTHORITY_HOST names; it is tried again',
];
/** What Microsoft's sign-in library calls it when nobody answers where tokens are given out; it comes as a refusal with status 400. */
const SIGN_IN_UNREACHED = /\b(endpoints_resolution_error|openid_config_error|network_error|no_network_connectivity)\b/;

/** Something was begun and refused afterwards: its remains are there. */
const isRefusedLater = (error: unknown): boolean =>
  /long-running operation has (failed|been canceled)/i.test(textOf(error));

interface AzureError extends Error {
  code?: string;
  statusCode?: number;
}

const errorOf = (error: unknown): AzureError => (error instanceof Error ? error : new Error(String(error)));

/** Status of the answer; undefined: there was none. */
const statusOf = (error: unknown): number | undefined => (error as AzureError).statusCode;

/** Name, code and message: one of them says why. */
function textOf(error: unknown): string {
  const { name, code = '', message } = errorOf(error);
  return `${name} ${code} ${message}`;
}

const inOneLine = ({ message, code }: AzureError): Pick<AzureError, 'message' | 'code'> => ({
  message: message.replace(/[\s,]*\n\s*/g, ' ').replace(/[\s,]+$/, ''),
  ...(code === undefined ? {} : { code }),
});

export const isAbsent = (error: unknown): boolean => statusOf(error) === 404;

/**
 * The failure of a call that changes nothing, or may be repeated.
 * @param doing what was tried, for people: `a virtual machine in westeurope-1`.
 */
export function asFailure(error: unknown, doing: string): ProvisionError {
  if (error instanceof ProvisionError) return error;
  const { message: said, code } = inOneLine(errorOf(error));
  // Every way to credentials has its own paragraph in it.
  const isUnfound = /CredentialUnavailableError/.test(textOf(error)) && !said.includes('AADSTS');
  const message = isUnfound
    ? 'no credentials of Azure are found'
    : SIGN_IN_UNREACHED.test(said)
      ? 'nobody answers where one signs in to Azure'
      : said;
  const [kind, advice] = kindOf(error);
  const line = `${code ?? String(statusOf(error) ?? 'no answer')}: ${said}`;
  return new ProvisionError(kind, `${doing}: ${message}`, advice, { line, cause: error });
}

function kindOf(error: unknown): [FailureClass, string] {
  const text = textOf(error);
  if (SIGN_IN_UNREACHED.test(text)) return UNREACHED;
  const status = statusOf(error);
  const known = KINDS.find(({ says }) => says.test(text));
  if (known !== undefined) return [known.class, known.advice];
  if (status === 429) return ['network', 'nothing: Azure asks for fewer calls; it is tried again'];
  if (status === 401 || status === 403) return ['auth', AUTH_ADVICE];
  if (isRefusedLater(error)) return ['unknown', 'nothing: it is tried again'];
  if (status !== undefined && status < 500) {
    return ['config', 'change spec.provision.cloud, or the settings SKYFLOW_AZURE_* of the provisioner'];
  }
  return ['network', 'nothing: it is tried again'];
}

/** Of a call that makes something: without an answer, or with one that Azure itself does not stand by, nobody knows. */
export function asOutcome(error: unknown, doing: string): ProvisionError | UnknownOutcomeError {
  const status = statusOf(error);
  const isSaid = error instanceof ProvisionError || isRefusedLater(error) || kindOf(error)[0] === 'auth';
  if (isSaid || (status !== undefined && status < 500)) return asFailure(error, doing);
  return new UnknownOutcomeError(`${doing} had no answer (${(error as Error).message})`, { cause: error });
}
