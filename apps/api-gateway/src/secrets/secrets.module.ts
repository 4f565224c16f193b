/** Answers agents that ask for the keys of the Secrets of their work. */
import { Module } from '@nestjs/common';
import { GatewayOptions } from '../gateway-options.js';
import { FoldedLog } from '../store/folded-log.js';
import { StoreModule } from '../store/store.module.js';
import { serveUnseal } from './serve-unseal.js';

@Module({ imports: [StoreModule] })
export class SecretsModule {
  constructor(fold: FoldedLog, { nats, keyring, warn }: GatewayOptions) {
    if (keyring !== undefined) fold.onStart(() => serveUnseal(nats, keyring, () => fold.model.state, warn));
  }
}
