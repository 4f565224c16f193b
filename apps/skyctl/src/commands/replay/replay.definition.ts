import type { CommandSpec } from '../../cli/command-spec.js';

export const replayDefinition: CommandSpec = {
  name: 'replay',
  summary: 'Decide again what the log says was decided',
  subcommands: [
    {
      name: 'verify',
      summary: 'Decide every round of the log again and compare',
      details:
        'Reads the log through the gateway (or from a file) and decides here, with the scheduling code of this skyctl: the services have no work of it, and a newer skyctl can be tried on a log before an upgrade. Decisions are compared byte for byte; the first that differs is shown with its basis, and the exit code is 1.',
      examples: [
        ['skyctl replay verify', 'the whole log'],
        ['skyctl replay verify --from 2026-11-24T08:00:00Z', 'what was decided since then'],
        ['skyctl replay verify --from 1200 --to 1500', 'what was decided in these commits'],
        ['skyctl replay verify --with policy.yaml', 'what another policy would have decided otherwise'],
        ['skyctl replay verify --file walk-through.log.gz', 'a log that was saved'],
        ['skyctl replay verify --archive /var/backups/skyflow', 'a log whose older history has been purged'],
        ['skyctl replay save --file today.log.gz', 'save one'],
      ],
      options: [
        {
          flags: '--from <point>',
          description: 'first commit (sequence) or time (RFC 3339) whose decisions are compared',
        },
        { flags: '--to <point>', description: 'last commit or time' },
        {
          flags: '--with <file>',
          description:
            'decide with the policies, queues, priority classes or clusters of this file in place of those of the log',
          complete: 'file',
        },
        {
          flags: '--file <file>',
          description: 'a saved log (.log or .log.gz) in place of the one behind the gateway',
          complete: 'file',
        },
        {
          flags: '--archive <place>',
          description: 'where history has been purged: the place that holds it; the log follows',
        },
        {
          flags: '--key-file <file>',
          description: 'key of the archive; default: backup.key in SKYFLOW_HOME',
          complete: 'file',
        },
        { flags: '--endpoint <url>', description: 'address of a store that speaks S3; default: AWS' },
        { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
      ],
      load: async () => (await import('./verify.js')).verify,
    },
    {
      name: 'shadow',
      summary: 'Show where a scheduler that shadows the log would have decided otherwise',
      details:
        'A shadow is a scheduler of any version started with SKYFLOW_SCHEDULER_SHADOW=true, and with SKYFLOW_SCHEDULER_SHADOW_WITH=FILE of another configuration: it decides each round again as it comes, writes nothing, and counts differences in its metrics. The exit code is 1 if there are any.',
      examples: [['skyctl replay shadow', 'before the new version takes over']],
      options: [{ flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] }],
      load: async () => (await import('./shadow.js')).shadow,
    },
    {
      name: 'save',
      summary: 'Save the log to a file, a line of JSON per commit',
      details: 'Secrets are sealed in the log, all else is in clear: look at who may read the file.',
      examples: [['skyctl replay save --file today.log.gz', 'compressed, as its name says']],
      options: [
        { flags: '--file <file>', description: 'where to; a name ending in .gz is compressed', complete: 'file' },
      ],
      load: async () => (await import('./save.js')).save,
    },
  ],
};
