/**
 * What EC2's refusals mean for us, and which of them leave open whether something was done. Codes are those of the EC2 API reference,
 * "Error codes for the Amazon EC2 API".
 */
import type { FailureClass } from '@skyflow/contracts';
import { ProvisionError } from '../../provision-error.js';
import { UnknownOutcomeError } from '../machine-driver.js';

interface Kind {
  class: FailureClass;
  codes: RegExp;
  advice: string;
}

const KINDS: readonly Kind[] = [
  {
    class: 'capacity',
    codes:
      /^(Insufficient\w*Capacity|Unsupported|SpotMaxPriceTooLow|InsufficientFreeAddressesInSubnet|CapacityNotAvailable)$/,
    advice: 'nothing: the next offer is tried',
  },
  {
    class: 'quota',
    codes: /(LimitExceeded|CountExceeded|MaxIOPSLimitExceeded)$/,
    advice: 'ask AWS for more in Service Quotas, or use another region; the next offer is tried',
  },
  {
    class: 'auth',
    codes:
      /^(AuthFailure|UnauthorizedOperation|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|OptInRequired|Blocked|PendingVerification|ExpiredToken\w*|RequestExpired|MissingAuthenticationToken|CredentialsProviderError|TokenProviderError)$/,
    advice:
      'give the provisioner credentials that may do this: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  },
  {
    class: 'config',
    codes:
      /^(Invalid\w*|Missing\w+|VPCIdNotSpecified|DefaultSubnetDoesNotExistInAZ|IdempotentParameterMismatch|UnknownParameter)(\.\w+)*$/,
    advice: 'change spec.provision.cloud, or the settings SKYFLOW_AWS_* of the provisioner',
  },
];

/** Refused without anything being done, by the rate of calls. Ends in LimitExceeded and is no quota. */
const THROTTLED = /^(RequestLimitExceeded|Throttling\w*|TooManyRequestsException|EC2ThrottledException)$/;

interface AwsError extends Error {
  $metadata?: { httpStatusCode?: number };
}

/** Code of the error that a call ended with; '' if it had no answer. */
export const codeOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/**
 * The failure of a call that changes nothing, or may be repeated.
 * @param doing what was tried, for people: `RunInstances in eu-west-1a`.
 */
export function asFailure(error: unknown, doing: string): ProvisionError {
  if (error instanceof ProvisionError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  const code = codeOf(error);
  const line = `${code}: ${message}`;
  const kind = THROTTLED.test(code) ? undefined : KINDS.find(({ codes }) => codes.test(code));
  if (kind !== undefined)
    return new ProvisionError(kind.class, `${doing}: ${message}`, kind.advice, { line, cause: error });
  const advice = THROTTLED.test(code)
    ? 'nothing: AWS asks for fewer calls; it is tried again'
    : 'nothing: it is tried again';
  return new ProvisionError('network', `${doing}: ${message}`, advice, { line, cause: error });
}

/** Of a call that makes something: without an answer, or with one that AWS itself does not stand by, nobody knows. */
export function asOutcome(error: unknown, doing: string): ProvisionError | UnknownOutcomeError {
  const code = codeOf(error);
  const status = (error as AwsError).$metadata?.httpStatusCode;
  const isAnswered = status !== undefined && (status < 500 || THROTTLED.test(code) || isRefusal(code));
  if (isAnswered || code === 'CredentialsProviderError') return asFailure(error, doing);
  return new UnknownOutcomeError(`${doing} had no answer (${code}: ${(error as Error).message})`, { cause: error });
}

/** Some refusals come with a status of 500: InsufficientInstanceCapacity does. */
const isRefusal = (code: string): boolean => KINDS.some(({ codes }) => codes.test(code));
