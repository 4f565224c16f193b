import type { CommandSpec } from '../../cli/command-spec.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completionDefinition: CommandSpec = {
  name: 'completion',
  direct: true,
  arguments: '<shell>',
  argumentDescriptions: { shell: SHELLS.join(', ') },
  summary: 'Print the script that completes commands, kinds, flags and names',
  examples: [
    ['source <(skyctl completion bash)', 'now, in bash; put the line into ~/.bashrc to have it always'],
    ['source <(skyctl completion zsh)', 'in zsh: ~/.zshrc'],
    ['skyctl completion fish > ~/.config/fish/completions/skyctl.fish', 'in fish'],
  ],
  complete: [SHELLS],
  load: async () => (await import('./completion.js')).completion,
};

/** What the scripts ask; not for people. */
export const completeDefinition: CommandSpec = {
  name: '__complete',
  direct: true,
  hidden: true,
  summary: 'Complete the words after "--"; used by the scripts of "skyctl completion"',
  load: async () => (await import('./complete.js')).complete,
};
