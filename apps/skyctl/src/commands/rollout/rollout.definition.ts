import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { AT_OPTION, SELECTOR_OPTION } from '../get/get.definition.js';

const TARGET = {
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'deployment or job, or KIND/NAME', names: 'names of objects' },
  complete: ['workload', 'kind:name'],
} as const;

const WHICH = [SELECTOR_OPTION, ...FILE_OPTIONS, NAMESPACE_OPTION] as const;

export const rolloutDefinition: CommandSpec = {
  name: 'rollout',
  summary: 'Changes of a pod template on their way over the clusters: status, history, undo, pause, resume, restart',
  subcommands: [
    {
      name: 'status',
      ...TARGET,
      summary: 'Say how far a change has come, and wait until it is everywhere',
      details: 'Ends with exit code 1 when the change was rolled back or has stopped because clusters failed.',
      examples: [
        ['skyctl rollout status deployment/web', 'each step, until it is done'],
        ['skyctl rollout status deployment/web --watch=false', 'only how it stands now'],
      ],
      options: [
        { flags: '-w, --watch', description: 'wait until it is done (default; --watch=false does not)' },
        { flags: '--timeout <duration>', description: 'how long to wait; default: for ever' },
        ...WHICH,
      ],
      load: async () => (await import('./status.js')).status,
    },
    {
      name: 'history',
      ...TARGET,
      summary: 'List the pod templates that a workload has had',
      details:
        'A template that comes back takes the newest number, as in kubectl. The annotation kubernetes.io/change-cause is shown.',
      examples: [
        ['skyctl rollout history deployment/web', 'the current one last'],
        ['skyctl rollout history deployment/web --revision 2', 'that template'],
      ],
      options: [
        { flags: '--revision <number>', description: 'show this template whole' },
        { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
        ...WHICH,
        AT_OPTION,
      ],
      load: async () => (await import('./history.js')).history,
    },
    {
      name: 'undo',
      ...TARGET,
      summary: 'Go back to an earlier pod template',
      examples: [
        ['skyctl rollout undo deployment/web', 'to the one before; at once on clusters that still have it'],
        ['skyctl rollout undo deployment/web --to-revision 2', 'to that of "skyctl rollout history"'],
      ],
      options: [
        { flags: '--to-revision <number>', description: 'default: the one before' },
        { flags: '--dry-run', description: 'only show the template that it would have' },
        ...WHICH,
      ],
      load: async () => (await import('./undo.js')).undo,
    },
    {
      name: 'pause',
      ...TARGET,
      summary: 'Change no further clusters until it is resumed',
      details:
        'Sets spec.paused of a Deployment, so its clusters stop, too, and spec.placement.rollout.paused of a job that runs for ever. What is edited meanwhile goes out when it is resumed.',
      examples: [['skyctl rollout pause deployment/web', 'clusters keep what they have']],
      options: [...WHICH],
      load: async () => (await import('./pause.js')).pause,
    },
    {
      name: 'resume',
      ...TARGET,
      summary: 'Go on with what was paused',
      examples: [['skyctl rollout resume deployment/web', 'the next clusters get the change']],
      options: [...WHICH],
      load: async () => (await import('./pause.js')).resume,
    },
    {
      name: 'restart',
      ...TARGET,
      summary: 'Replace all pods, as its rollout strategy says, cluster by cluster for instance',
      examples: [['skyctl rollout restart deployment/web', 'each pod is replaced by a new one']],
      options: [...WHICH],
      load: async () => (await import('./restart.js')).restart,
    },
  ],
};
