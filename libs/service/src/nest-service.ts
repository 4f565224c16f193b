/** Nest on a service context: one container per process, with the context's parts to inject. Nest is loaded when it is asked for. */
import type { INestApplicationContext, Type } from '@nestjs/common';
import type { ServiceContext } from './service-context.js';

/** Starts a container without HTTP; it is closed (onModuleDestroy, onApplicationShutdown) when the service stops. */
export async function startNestContext(context: ServiceContext, module: Type): Promise<INestApplicationContext> {
  const { createNestContext } = await import('./nest-module.js');
  const application = await createNestContext(context, module);
  context.onStop('nest', () => application.close());
  return application;
}
