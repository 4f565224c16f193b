/** Providers of classes that know nothing of Nest. */
import type { FactoryProvider } from '@nestjs/common';

type Token<T> = abstract new (...options: never[]) => T;
type Instances<Tokens extends readonly Token<unknown>[]> = {
  [Index in keyof Tokens]: Tokens[Index] extends Token<infer T> ? T : never;
};

/**
 * Provider of a class, built from instances of others: `provide(AccessModel, [ReadModel], (model) => new AccessModel(model))`. The types of
 * the arguments follow from the tokens.
 */
export const provide = <T, const Tokens extends readonly Token<unknown>[]>(
  token: Token<T>,
  inject: Tokens,
  useFactory: (...instances: Instances<Tokens>) => T,
): FactoryProvider<T> => ({ provide: token, inject: [...inject], useFactory });
