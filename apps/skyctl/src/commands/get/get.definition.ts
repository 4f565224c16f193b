import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FORMATS } from '../../output/format.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';

export const SELECTOR_OPTION: OptionSpec = {
  flags: '-l, --selector <selector>',
  description: 'only objects with these labels: app=nginx,tier!=db',
};
export const ALL_NAMESPACES_OPTION: OptionSpec = {
  flags: '-A, --all-namespaces',
  description: 'objects of every namespace',
};
/** Of every command that reads objects. */
export const AT_OPTION: OptionSpec = {
  flags: '--at <when>',
  description: 'as things were: "10 minutes ago", a time, or a sequence of the log',
};
const OUTPUT_OPTION: OptionSpec = {
  flags: '-o, --output <format>',
  description: FORMATS.join(', '),
  complete: FORMATS,
};
/** With templates of -o. */
export const TEMPLATE_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--template <template>',
    description: 'template of -o go-template, jsonpath or custom-columns, or its file',
  },
  {
    flags: '--allow-missing-template-keys',
    description:
      'keys that are not there print as <no value> (default); --allow-missing-template-keys=false: are an error',
  },
];
export const CHUNK_SIZE_OPTION: OptionSpec = {
  flags: '--chunk-size <count>',
  description: 'objects per request (default 5000; 0: all at once)',
};

export const getDefinition: CommandSpec = {
  name: 'get',
  direct: true,
  arguments: '[kind] [names...]',
  argumentDescriptions: {
    kind: 'kind of object (job, jobs, deploy, cluster, ns, cm, …), several with commas, all, or KIND/NAME',
    names: 'names of objects; none: all of them',
  },
  summary: 'List objects, or show some of them',
  details:
    'Jobs and deployments have a row for each cluster that runs a share of them. What waits has a row with cluster "-" and says why.',
  examples: [
    ['skyctl get clusters', 'member clusters with what is free in them'],
    ['skyctl get jobs --at "10 minutes ago"', 'jobs as they were then'],
    ['skyctl get jobs -w', 'jobs of this namespace as they change'],
    ['skyctl get job hello -o yaml', 'one job, whole'],
    ['skyctl get deploy -A -l app=nginx -o wide', 'deployments by label in all namespaces'],
    ['skyctl get -f manifests/', 'what files name, as it is now'],
    ['skyctl get --raw /status', 'what the server answers at a path'],
    [`skyctl get jobs -o jsonpath='{range .items[*]}{.metadata.name}{"\\n"}{end}'`, 'just their names'],
  ],
  options: [
    OUTPUT_OPTION,
    ...TEMPLATE_OPTIONS,
    ...FILE_OPTIONS,
    { flags: '--raw <path>', description: 'print what the server answers at this path' },
    { flags: '--subresource <name>', description: 'of objects that are named: status or scale' },
    { flags: '--ignore-not-found', description: 'what is not there is no failure' },
    { flags: '--show-kind', description: 'names with the kind before them' },
    { flags: '--output-watch-events', description: 'with -w: say of each change what it was' },
    CHUNK_SIZE_OPTION,
    { flags: '-w, --watch', description: 'go on and show changes as they happen' },
    { flags: '--watch-only', description: 'show changes only, not what is there now' },
    NAMESPACE_OPTION,
    ALL_NAMESPACES_OPTION,
    SELECTOR_OPTION,
    { flags: '--field-selector <selector>', description: 'only objects with these fields: metadata.name=hello' },
    AT_OPTION,
    { flags: '--sort-by <path>', description: 'order by a field: .metadata.creationTimestamp' },
    { flags: '--no-headers', description: 'leave out the titles of the columns' },
    { flags: '--show-labels', description: 'add a column with the labels' },
    {
      flags: '-L, --label-columns <label>',
      description: 'a column for each of these labels; repeatable',
      takes: 'list',
    },
    { flags: '--show-managed-fields', description: 'keep managedFields in JSON and YAML' },
  ],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./get.js')).get,
};
