/** Options of every command that writes an object. */
import type { OptionSpec } from '../../cli/command-spec.js';
import { DOCUMENT_FORMATS } from '../../output/format.js';

export const DRY_RUN_OPTION: OptionSpec = {
  flags: '--dry-run <where>',
  description: 'change nothing: "client" only makes the object, "server" (alone: this) has it checked too',
  choices: ['client', 'server', 'none'],
  bare: 'server',
};
export const PRINT_OPTION: OptionSpec = {
  flags: '-o, --output <format>',
  description: 'print the object: json, yaml, name, jsonpath=, go-template=, …',
  complete: DOCUMENT_FORMATS,
};

/** Of commands that change fields. */
export const FIELD_MANAGER_OPTION: OptionSpec = {
  flags: '--field-manager <name>',
  description: 'who manages the fields (default skyctl)',
};

/** Of commands that change policies; see apply/guard-moves.ts. */
export const MOVES_FORCE_OPTION: OptionSpec = {
  flags: '--force',
  description:
    'also where a policy would move more than half of all replicas, and more than ten, or leave some without a place',
};
