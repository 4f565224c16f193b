/** Options of every command that writes an object. */
import type { OptionSpec } from '../../cli/command-spec.js';

export const DRY_RUN_OPTION: OptionSpec = {
  flags: '--dry-run <where>',
  description: 'change nothing: "client" only makes the object, "server" has it checked too',
  choices: ['client', 'server', 'none'],
};
export const PRINT_OPTION: OptionSpec = {
  flags: '-o, --output <format>',
  description: 'print the object as json, yaml or name',
  choices: ['json', 'yaml', 'name'],
};

/** Of commands that change policies; see apply/guard-moves.ts. */
export const MOVES_FORCE_OPTION: OptionSpec = {
  flags: '--force',
  description: 'also where a policy would move more than half of all replicas, or leave some without a place',
};
