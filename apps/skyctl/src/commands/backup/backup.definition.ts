import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';

const PLACE = { place: 'a directory, or s3://BUCKET/PREFIX' };
const KEY: OptionSpec = {
  flags: '--key-file <file>',
  description: 'file whose contents the backups are encrypted with; default: backup.key in SKYFLOW_HOME',
  complete: 'file',
};
const ENDPOINT: OptionSpec = {
  flags: '--endpoint <url>',
  description: 'address of a store that speaks S3; default: AWS',
};
const NATS: OptionSpec[] = [
  { flags: '--nats <url>', description: 'nats-server; default: SKYFLOW_NATS_URL, or that of SKYFLOW_HOME' },
  {
    flags: '--nats-key <file>',
    description: 'nkey of the operator; default: SKYFLOW_NATS_KEY_FILE',
    complete: 'file',
  },
  {
    flags: '--nats-ca <file>',
    description: 'authority of its certificate; default: SKYFLOW_NATS_CA_FILE',
    complete: 'file',
  },
];
const HOW_MUCH: OptionSpec[] = [
  { flags: '--keep <duration>', description: 'history that stays in the log, up to now: 90d, 12h' },
  { flags: '--before <point>', description: 'or: last commit (sequence) or time (RFC 3339) of what goes' },
];
const BACKUP: OptionSpec = { flags: '--backup <id>', description: 'which one; default: the newest' };

export const backupDefinition: CommandSpec = {
  name: 'backup',
  summary: 'Take, list, verify and restore backups of the log',
  subcommands: [
    {
      name: 'create',
      summary: 'Back up what came since the last time',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      details:
        'Reads the log through the gateway while everything runs; the states and kubeconfigs of built clusters are in it, sealed. Encrypted with a key file that is made the first time: keep a copy of it, and of sealing.keys (which opens Secrets in the log), apart from the backups. Credentials for S3 come from where the AWS tools take them.',
      examples: [
        ['skyctl backup create /var/backups/skyflow', 'into a directory'],
        ['skyctl backup create s3://backups/skyflow', 'into a bucket of AWS'],
        ['skyctl backup create s3://backups/skyflow --endpoint https://minio.example.com', 'into one of another store'],
      ],
      options: [
        KEY,
        ENDPOINT,
        { flags: '--unencrypted', description: 'whoever reads the place reads the log, all but Secrets' },
      ],
      complete: ['file'],
      load: async () => (await import('./take.js')).create,
    },
    {
      name: 'list',
      direct: true,
      summary: 'Show the backups of a place, and what they can be restored to',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      examples: [['skyctl backup list /var/backups/skyflow', 'oldest first']],
      options: [
        KEY,
        ENDPOINT,
        { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
      ],
      complete: ['file'],
      load: async () => (await import('./list.js')).list,
    },
    {
      name: 'verify',
      direct: true,
      summary: 'Read all of a backup and check it',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      details:
        'Checks the sum and the seal of each piece, the order of the commits, and the hash chain of each subject from its first commit to its last. The exit code is 1 where something is not as it was written.',
      examples: [['skyctl backup verify s3://backups/skyflow', 'the newest one']],
      options: [KEY, ENDPOINT, BACKUP],
      complete: ['file'],
      load: async () => (await import('./verify.js')).verify,
    },
    {
      name: 'restore',
      summary: 'Put the log of a backup into a nats-server',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      details:
        'Speaks to nats-server itself, with the key of the operator. The backup is verified first. Nobody can append until all is there; services that run notice, and start anew on the restored log. Nothing on the clusters is deleted: what was created after the point runs on, unknown to SkyFlow, with its labels; what was deleted after it is made again.',
      examples: [
        ['skyctl backup restore /var/backups/skyflow --yes', 'into the empty nats-server of "npm run up"'],
        ['skyctl backup restore /var/backups/skyflow --at 2026-11-24T08:00:00Z --replace --yes', 'back to a time'],
        [
          'skyctl backup restore s3://backups/skyflow --nats nats://nats:4222 --nats-key operator.nk --yes',
          'elsewhere',
        ],
      ],
      options: [
        KEY,
        ENDPOINT,
        BACKUP,
        { flags: '--at <point>', description: 'last commit (sequence) or time (RFC 3339); default: all of the backup' },
        { flags: '--replace', description: 'in place of the log that is there' },
        { flags: '--yes', description: 'do it; without, the backup is verified and nothing is changed' },
        ...NATS,
        { flags: '--replicas <n>', description: 'copies of the log; default: as many as before, or 1' },
      ],
      complete: ['file'],
      load: async () => (await import('./restore.js')).restore,
    },
    {
      name: 'archive',
      summary: 'Put old history into the backups of a place, and verify it there',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      details:
        'A backup as "create" takes it, read again from its first commit to its last and folded; what "purge" does before it takes anything out of the log. Changes nothing in the log.',
      examples: [['skyctl backup archive s3://backups/skyflow --keep 90d', 'what is older than 90 days']],
      options: [KEY, ENDPOINT, ...HOW_MUCH, ...NATS],
      complete: ['file'],
      load: async () => (await import('./purge.js')).archive,
    },
    {
      name: 'purge',
      summary: 'Archive old history, then take it out of the log',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      details:
        'Archives (see "archive"), writes a checkpoint beside the log from which services start in place of what goes, lets the log name its new beginning, and removes what was before. Never more than every service has folded. Broken off anywhere nothing is lost; run it again. Services run on; reads of what was before the new beginning answer 410 and name the archive. Speaks to nats-server itself, with the key of the operator.',
      examples: [
        ['skyctl backup purge /var/backups/skyflow --keep 90d --dry-run', 'what would go'],
        ['skyctl backup purge s3://backups/skyflow --keep 90d --yes', 'each night, by cron'],
        [
          'skyctl backup purge s3://backups/skyflow --keep 90d --every 24h --yes',
          'by itself, in a container of its own',
        ],
      ],
      options: [
        KEY,
        ENDPOINT,
        ...HOW_MUCH,
        ...NATS,
        { flags: '--dry-run', description: 'say what would go, change nothing' },
        { flags: '--yes', description: 'do it' },
        {
          flags: '--every <duration>',
          description: 'go on, so often (1s to 7d), until it is ended; one that fails is told of and tried again',
        },
      ],
      complete: ['file'],
      load: async () => (await import('./purge.js')).purge,
    },
    {
      name: 'checkpoint',
      summary: 'Make the checkpoint of a purged log for services of this version',
      arguments: '<place>',
      argumentDescriptions: PLACE,
      details:
        'With the skyctl of a new version, before its services are started, where history has been purged: reads the archive and adds what its folds make of it. Services of the version that runs keep theirs.',
      examples: [['skyctl backup checkpoint s3://backups/skyflow', 'before an upgrade']],
      options: [KEY, ENDPOINT, ...NATS],
      complete: ['file'],
      load: async () => (await import('./purge.js')).checkpoint,
    },
  ],
};
