/** Runs one command in a Nest container that holds just what it needs: its classes, the session and the outcome. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CommandFactory, CommandRunnerService } from 'nest-commander';
import type { Route } from '../cli/argv.js';
import type { Session } from '../session.js';
import { commandClasses } from './nest-command.js';
import { OUTCOME, PARSING, SESSION } from './tokens.js';
import type { Outcome, Parsing } from './tokens.js';

@Module({})
class SkyctlModule {}

export async function runNest(
  { path, words, passThrough }: Route,
  session: Session,
  parsing: Parsing,
): Promise<number> {
  const outcome: Outcome = { code: 0, passThrough };
  const module: DynamicModule = {
    module: SkyctlModule,
    providers: [
      { provide: SESSION, useValue: session },
      { provide: OUTCOME, useValue: outcome },
      { provide: PARSING, useValue: parsing },
      ...commandClasses(path),
    ],
  };
  const app = await CommandFactory.createWithoutRunning(module, {
    logger: false,
    cliName: 'skyctl',
    errorHandler: rethrow,
    serviceErrorHandler: rethrow,
  });
  try {
    await app.get(CommandRunnerService).run(['node', 'skyctl', ...path.map(({ name }) => name), ...words]);
  } finally {
    await app.close();
  }
  return outcome.code;
}

/** main.ts shows errors, whichever way they come. */
function rethrow(error: Error): never {
  throw error;
}
