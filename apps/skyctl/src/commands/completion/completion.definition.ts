import type { CommandSpec } from '../../cli/command-spec.js';
import { SHELLS } from './shells.js';

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
    ['skyctl completion powershell | Out-String | Invoke-Expression', 'in PowerShell: $PROFILE'],
  ],
  complete: [SHELLS],
  load: async () => (await import('./completion.js')).completion,
};
