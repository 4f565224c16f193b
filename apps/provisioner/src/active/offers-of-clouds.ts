/** The offers of all clouds that a cluster may be of, asked at once. One that cannot be asked is left out, and said. */
import type { LeftOutCloud, ProvisionFailure, ProvisionOffer, ProvisionSpec } from '@skyflow/contracts';
import { cloudsOf } from '@skyflow/domain';
import { ProvisionError, failureOf } from '../provision-error.js';
import type { EffectsOptions } from './effects-options.js';
import { machineDriverOf } from './machine-effects.js';

export interface CloudOffers {
  offers: ProvisionOffer[];
  leftOut: LeftOutCloud[];
}

/** @throws ProvisionError when none can be asked */
export async function offersOfClouds(
  options: Pick<EffectsOptions, 'machineDrivers'>,
  spec: ProvisionSpec,
  signal: AbortSignal,
): Promise<CloudOffers> {
  const clouds = spec.cloud === undefined ? [] : cloudsOf(spec.cloud);
  const asked = await Promise.all(
    clouds.map(async (provider) => {
      try {
        return { provider, offers: await machineDriverOf(options, provider).offers({ spec, signal }) };
      } catch (error) {
        signal.throwIfAborted();
        return { provider, failure: failureOf(error) };
      }
    }),
  );
  const failed = asked.flatMap(({ provider, failure }) => (failure === undefined ? [] : [{ provider, failure }]));
  const [first] = failed;
  if (first !== undefined && failed.length === clouds.length) throw noneOf(failed, first);
  return {
    offers: asked.flatMap(({ offers = [] }) => offers),
    leftOut: failed.map(({ provider, failure: { message, advice } }) => ({ provider, message, advice })),
  };
}

interface FailedCloud {
  provider: string;
  failure: ProvisionFailure;
}

/** What passes by itself makes it worth another try. */
function noneOf(failed: readonly FailedCloud[], first: FailedCloud): ProvisionError {
  const { failure } = failed.find((each) => each.failure.class === 'network') ?? first;
  if (failed.length === 1) {
    return new ProvisionError(failure.class, failure.message, failure.advice, {
      ...(failure.line === undefined ? {} : { line: failure.line }),
    });
  }
  const words = (of: 'message' | 'advice'): string =>
    failed.map((each) => `${each.provider}: ${each.failure[of]}`).join('; ');
  return new ProvisionError(failure.class, `no cloud can be asked for offers: ${words('message')}`, words('advice'));
}
