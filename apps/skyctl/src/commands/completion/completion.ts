/** `skyctl completion`: scripts that ask `skyctl __complete` at each press of the key, so that they never go out of date. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { SHELLS } from './shells.js';

export const completion: CommandHandler = ({ terminal }, { args }) => {
  const shell = SHELLS.find((candidate) => candidate === args[0]);
  if (shell === undefined)
    throw usageError(`"${args[0] ?? ''}": there is no such shell here`, `there are ${SHELLS.join(', ')}`);
  terminal.write(SCRIPTS[shell]);
  return Promise.resolve(EXIT.ok);
};

/**
 * Each line of `__complete` is a word, a tab and a description. A line `:file` stands for names of files.
 * bash splits words at = and :, so they are put together again from the line, and the part before the split is cut off.
 */
const SCRIPTS: Record<(typeof SHELLS)[number], string> = {
  bash: `# skyctl completion for bash: source <(skyctl completion bash)
_skyctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" words cur candidates candidate kept
  read -r -a words <<< "$line"
  [[ "$line" =~ [[:space:]]$ ]] && words+=("")
  cur="\${words[-1]}"
  mapfile -t candidates < <(skyctl __complete -- "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  if [[ "\${candidates[0]}" == ":file" ]]; then
    compopt -o default 2>/dev/null
    return
  fi
  kept="\${cur%"\${cur##*[=:]}"}"
  for candidate in "\${candidates[@]}"; do
    candidate="\${candidate%%$'\\t'*}"
    [[ "$candidate" == *= || "$candidate" == */ ]] && compopt -o nospace 2>/dev/null
    COMPREPLY+=("\${candidate#"$kept"}")
  done
}
complete -F _skyctl skyctl
`,
  zsh: `#compdef skyctl
# skyctl completion for zsh: source <(skyctl completion zsh)
_skyctl() {
  local -a candidates shown
  local candidate
  candidates=("\${(@f)$(skyctl __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "\${candidates[1]}" == ":file" ]]; then
    _files
    return
  fi
  for candidate in "\${candidates[@]}"; do
    [[ -n "$candidate" ]] || continue
    shown+=("\${\${candidate%%$'\\t'*}//:/\\\\:}:\${candidate#*$'\\t'}")
  done
  _describe 'skyctl' shown
}
compdef _skyctl skyctl
`,
  fish: `# skyctl completion for fish: skyctl completion fish > ~/.config/fish/completions/skyctl.fish
function __skyctl_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l candidates (skyctl __complete -- $words[2..-1] 2>/dev/null)
    if test "$candidates[1]" = ":file"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $candidates
    end
end
complete -c skyctl -f -a '(__skyctl_complete)'
`,
  powershell: `# skyctl completion for PowerShell: skyctl completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName skyctl -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
  # Before 7.3 PowerShell drops empty arguments.
  $current = if ($wordToComplete -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { $wordToComplete }
  foreach ($line in @(& skyctl __complete -- @words $current 2>$null)) {
    $word, $description = $line -split "\`t", 2
    if ($word -eq ':file') { return }
    if (-not $description) { $description = $word }
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $description)
  }
}
`,
};
