/**
 * Other keys for services that run: the new ones are let in beside the old ones, then given to the services, and only then are the old ones
 * let in no more, one service after the other, so that each is disconnected, and comes back with its new one, before the next is. Broken
 * off anywhere, every service has a key that is let in.
 */
import type { NatsKeyHolder } from '@skyflow/domain';
import { type KeyStore, newSeed, publicKeyOf } from './service-keys.js';

/** How it is known that a step has come to where it counts. */
export interface ReplacementSteps {
  /** Resolves when every nats-server lets in what the store says. @param seeds of keys that must be let in now */
  readonly letIn: (seeds: readonly string[]) => Promise<void>;
  /** Resolves when every service has got its seed. */
  readonly given: () => Promise<void>;
}

export async function replaceKeys(
  store: KeyStore,
  holders: readonly NatsKeyHolder[],
  { letIn, given }: ReplacementSteps,
): Promise<void> {
  const keys = await Promise.all(
    holders.map(async (holder) => {
      const seed = newSeed();
      return { holder, seed, before: publicKeyOf(await store.seed(holder)), after: publicKeyOf(seed) };
    }),
  );
  const seeds = keys.map(({ seed }) => seed);
  await store.setLetIn(Object.fromEntries(keys.map(({ holder, before, after }) => [holder, [after, before]])));
  await letIn(seeds);
  await store.setSeeds(Object.fromEntries(keys.map(({ holder, seed }) => [holder, seed])));
  await given();
  for (const { holder, after } of keys) {
    await store.setLetIn({ [holder]: [after] });
    await letIn(seeds);
  }
}
