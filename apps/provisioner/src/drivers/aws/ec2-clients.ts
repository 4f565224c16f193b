/**
 * Clients of EC2, one per region, by the official SDK: credentials, endpoint and proxies are found as every AWS tool finds them (environment,
 * profile, role). The SDK is loaded when it is first needed: whoever rents nothing does not wait for it.
 */
import type { EC2 } from '@aws-sdk/client-ec2';

/** Tries of the SDK itself, of calls that may be repeated; with a pause between them. */
const TRIES = 4;
const CONNECT_WITHIN_MS = 5_000;

export interface Ec2ClientsOptions {
  /** A call without an answer for so long has none. */
  answerMs: number;
}

export class Ec2Clients {
  private readonly byRegion = new Map<string, Promise<EC2>>();

  constructor(private readonly options: Ec2ClientsOptions) {}

  of(region: string): Promise<EC2> {
    const known = this.byRegion.get(region);
    if (known !== undefined) return known;
    const made = this.make(region);
    this.byRegion.set(region, made);
    return made;
  }

  private async make(region: string): Promise<EC2> {
    const { EC2: Client } = await import('@aws-sdk/client-ec2');
    const { answerMs } = this.options;
    return new Client({
      region,
      maxAttempts: TRIES,
      requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, requestTimeout: answerMs, throwOnRequestTimeout: true },
    });
  }
}
