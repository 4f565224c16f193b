import type { CommandSpec } from '../../cli/command-spec.js';

export const debugDefinition: CommandSpec = {
  name: 'debug',
  summary: 'Collect what a bug report needs',
  subcommands: [
    {
      name: 'bundle',
      direct: true,
      summary: 'Write an archive for a bug report, without secrets',
      details:
        'A tar.gz with versions, settings, health, metrics, clusters, workloads, queues, events, the end of the log, and the logs of the services where they run on this machine (SKYFLOW_HOME). Tokens, keys, passwords, values of Secrets and ConfigMaps, environment variables and command lines of containers are left out; what Secrets and the files of this SkyFlow hold is looked for everywhere else, too, and replaced by "…". Names of clusters, namespaces, objects, nodes, users and addresses are in it: read it before you send it. What cannot be had (no rights, a server that is away) is named in README.txt.',
      examples: [
        ['skyctl debug bundle', 'skyflow-debug-TIME.tar.gz here'],
        ['skyctl debug bundle --output /tmp/report.tar.gz', 'there'],
      ],
      options: [
        {
          flags: '--output <file>',
          description: 'where to write it; default: skyflow-debug-TIME.tar.gz',
          complete: 'file',
        },
      ],
      load: async () => (await import('./bundle.js')).bundle,
    },
  ],
};
