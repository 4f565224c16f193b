/** The parts of nest-service.ts that need Nest: loaded only by processes that have a Nest container. */
import { Global, Module, type DynamicModule, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { nestLogger } from './logger.js';
import type { ServiceContext } from './service-context.js';
import { SERVICE_CONTEXT } from './service-token.js';

/** Makes the context injectable everywhere as SERVICE_CONTEXT. */
@Global()
@Module({})
class ServiceModule {
  static forContext(context: ServiceContext): DynamicModule {
    return {
      module: ServiceModule,
      providers: [{ provide: SERVICE_CONTEXT, useValue: context }],
      exports: [SERVICE_CONTEXT],
    };
  }
}

@Module({})
class RootModule {}

export async function createNestContext(context: ServiceContext, module: Type): Promise<INestApplicationContext> {
  const root: DynamicModule = { module: RootModule, imports: [ServiceModule.forContext(context), module] };
  return NestFactory.createApplicationContext(root, { logger: nestLogger(context.logger), abortOnError: false });
}
