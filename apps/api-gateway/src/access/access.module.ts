import { Module } from '@nestjs/common';
import type { ObjectChange } from '@skyflow/domain';
import { ResourcesModule } from '../api/resources.module.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { provide } from '../provide.js';
import { CommandLog } from '../store/command-log.js';
import { FoldedLog } from '../store/folded-log.js';
import { ReadModel } from '../store/read-model.js';
import { StoreModule } from '../store/store.module.js';
import { AccessModel } from './access-model.js';
import { AuthController } from './auth.controller.js';
import { Authenticator } from './authenticator.js';
import { BrowserSessionController } from './browser-session.controller.js';
import { EnrolmentController } from './enrolment.controller.js';
import { Enrolment } from './enrolment.js';
import { escalationGuard } from './escalation-guard.js';
import { Gatekeeper } from './gatekeeper.js';
import { LoginGuard } from './login-guard.js';
import { OidcController } from './oidc.controller.js';
import { RateGate } from './rate-gate.js';
import { reviewResources } from './reviews.js';
import { Sessions } from './sessions.js';
import { StreamGate } from './stream-gate.js';

@Module({
  imports: [ResourcesModule, StoreModule],
  controllers: [AuthController, OidcController, EnrolmentController, BrowserSessionController],
  providers: [
    provide(AccessModel, [ReadModel], (model) => new AccessModel(model)),
    provide(
      Authenticator,
      [AccessModel, GatewayOptions],
      (access, { tokens, proofs }) => new Authenticator(access, tokens, proofs),
    ),
    provide(
      Sessions,
      [AccessModel, CommandLog, Authenticator],
      (access, sink, authenticator) =>
        new Sessions({
          ...{ access, sink },
          guard: new LoginGuard(),
          identityOf: (spec) => authenticator.identityOf(spec),
        }),
    ),
    provide(
      Enrolment,
      [AccessModel, Sessions, GatewayOptions],
      (access, sessions, { agents }) => new Enrolment({ ...agents, access, sessions }),
    ),
    provide(StreamGate, [GatewayOptions], ({ streamLimits }) => new StreamGate(streamLimits)),
    provide(
      Gatekeeper,
      [AccessModel, Authenticator, StreamGate, ServedResources, GatewayOptions],
      (access, authenticator, streams, served, { logger, rateLimit }) =>
        new Gatekeeper({
          ...{ access, authenticator, streams },
          audit: (refusal) => logger.warn({ audit: refusal }, 'refused'),
          definitions: () => served.definitions,
          rate: new RateGate(rateLimit),
        }),
    ),
  ],
  exports: [AccessModel, Authenticator, Gatekeeper],
})
export class AccessModule {
  constructor(
    fold: FoldedLog,
    served: ServedResources,
    access: AccessModel,
    gatekeeper: Gatekeeper,
    streams: StreamGate,
  ) {
    served.add(...reviewResources(gatekeeper, served));
    served.admission.push(escalationGuard(access, gatekeeper));
    fold.onStart(() =>
      fold.model.onChanges((changes) => {
        if (changes.some(concernsAccess)) void streams.review();
      }),
    );
  }
}

/** Whether somebody may have less than before. Sessions are renewed all the time: only those that end count. */
const concernsAccess = ({ type, record: { kind } }: ObjectChange): boolean =>
  kind === 'Role' || kind === 'RoleBinding' || kind === 'User' || (kind === 'Token' && type === 'DELETED');
