/** nest-commander's class for a command, made from its spec. The path's other commands become subcommands on the way to it. */
import type { Type } from '@nestjs/common';
import { Inject } from '@nestjs/common';
import { Command, CommandRunner, SubCommand } from 'nest-commander';
import type { Command as Commander } from 'commander';
import type { CommandSpec } from '../cli/command-spec.js';
import type { Session } from '../session.js';
import { OUTCOME, PARSING, SESSION } from './tokens.js';
import type { Outcome, Parsing } from './tokens.js';

/** A class for the last command of the path, and one for each command above it; the first is the outermost. */
export function commandClasses(path: readonly CommandSpec[], outermost = true): Type<CommandRunner>[] {
  const [spec, ...below] = path;
  if (spec === undefined) return [];
  const inner = commandClasses(below, false);
  const [child] = inner;
  return [commandClass(spec, outermost ? Command : SubCommand, child), ...inner];
}

function commandClass(
  spec: CommandSpec,
  decorate: typeof Command | typeof SubCommand,
  child: Type<CommandRunner> | undefined,
): Type<CommandRunner> {
  class SpecCommand extends CommandRunner {
    constructor(
      private readonly session: Session,
      private readonly outcome: Outcome,
      private readonly parsing: Parsing,
    ) {
      super();
    }

    override setCommand(command: Commander): this {
      this.parsing.configure(command, spec);
      return super.setCommand(command);
    }

    async run(args: string[]): Promise<void> {
      const handler = await spec.load?.();
      const flags = this.parsing.flagsOf(this.command, spec);
      const call = { args, flags, passThrough: this.outcome.passThrough };
      this.outcome.code = (await handler?.(this.session.with(flags), call)) ?? this.outcome.code;
    }
  }
  // What emitted decorator metadata would say; esbuild emits none, and this needs no compiler's help.
  Inject(SESSION)(SpecCommand, undefined, 0);
  Inject(OUTCOME)(SpecCommand, undefined, 1);
  Inject(PARSING)(SpecCommand, undefined, 2);
  // nest-commander tells classes apart by their names.
  Object.defineProperty(SpecCommand, 'name', { value: `${decorate.name}_${spec.name}` });
  decorate({ name: spec.name, ...(child ? { subCommands: [child] } : {}) })(SpecCommand);
  return SpecCommand;
}
