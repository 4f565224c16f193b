/** Nest on a service context: one container per process, with the context's parts to inject. */
import { Global, Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { nestLogger } from './logger.js';
import type { ServiceContext } from './service-context.js';

/** Injection token of the {@link ServiceContext}. */
export const SERVICE_CONTEXT = Symbol('ServiceContext');

@Global()
@Module({})
export class ServiceModule {
  /** Makes the context injectable everywhere as SERVICE_CONTEXT. */
  static forContext(context: ServiceContext): DynamicModule {
    return {
      module: ServiceModule,
      providers: [{ provide: SERVICE_CONTEXT, useValue: context }],
      exports: [SERVICE_CONTEXT],
    };
  }
}

/** Starts a container without HTTP; it is closed (onModuleDestroy, onApplicationShutdown) when the service stops. */
export async function startNestContext(context: ServiceContext, module: Type): Promise<INestApplicationContext> {
  const root: DynamicModule = { module: RootModule, imports: [ServiceModule.forContext(context), module] };
  const application = await NestFactory.createApplicationContext(root, {
    logger: nestLogger(context.logger),
    abortOnError: false,
  });
  context.onStop('nest', () => application.close());
  return application;
}

@Module({})
class RootModule {}
