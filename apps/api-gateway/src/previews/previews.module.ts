/** What a change would move, told before it is made, and asked for where it moves much. */
import { Module } from '@nestjs/common';
import { previewReplySchema } from '@skyflow/contracts';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { askScheduler } from '../scheduler/ask-scheduler.js';
import { ReadModel } from '../store/read-model.js';
import { StoreModule } from '../store/store.module.js';
import { movesGuard } from './moves-guard.js';
import { PreviewController } from './preview.controller.js';

@Module({ imports: [ResourcesModule, StoreModule], controllers: [PreviewController] })
export class PreviewsModule {
  constructor(served: ServedResources, model: ReadModel, { nats }: GatewayOptions) {
    const guard = movesGuard({
      model,
      preview: async (change) => {
        const question = { ...change, atLeastSeq: model.seq, most: 0 };
        return (await askScheduler(nats, 'preview', question, previewReplySchema)).preview;
      },
    });
    served.validatingAdmission.push(guard);
  }
}
