/** docs/skyctl.md: all commands on one page, in Markdown. */
import { EXIT_MEANINGS } from '../cli/exit-codes.js';
import { ENVIRONMENT } from '../cli/help.js';
import type { CommandPage, OptionLine } from './command-page.js';

export function markdownReference(pages: readonly CommandPage[], globals: readonly OptionLine[]): string {
  const outer = pages.filter(({ words }) => words.length === 1);
  const parts = [
    '# skyctl',
    '<!-- Made of the definitions of the commands by every build of skyctl. A test fails while this page is older than they are. -->',
    'Everything that the command line does. `skyctl COMMAND --help` shows the same, `man skyctl` too where the man pages are installed.',
    table(
      ['command', 'what'],
      outer.map(({ words, summary }) => [`[${words.join(' ')}](#${anchor(words)})`, summary]),
    ),
    '## Flags of every command',
    table(['flag', 'what'], globals.map(optionCells)),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      [
        ...EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]),
        ['130, 143', 'stopped by Ctrl-C, by SIGTERM'],
        ['any other', 'of the command that `exec` or a plugin ran'],
      ],
    ),
    '## Environment',
    table(
      ['variable', 'what'],
      ENVIRONMENT.map(([name, what]) => [code(name), what]),
    ),
    '# Commands',
    ...pages.flatMap(pageParts),
  ];
  return `${parts.join('\n\n')}\n`;
}

function pageParts({
  words,
  summary,
  details,
  synopsis,
  aliases,
  arguments: args,
  options,
  examples,
  subcommands,
}: CommandPage): string[] {
  const level = '#'.repeat(words.length + 1);
  return [
    `${level} skyctl ${words.join(' ')}`,
    `${sentence(summary)}${aliases.length > 0 ? ` Also: ${aliases.map(code).join(', ')}.` : ''}`,
    ...details.map((text) => text.replaceAll('\n', ' ')),
    ...(subcommands.length > 0 ? [] : [fenced(synopsis)]),
    ...(subcommands.length > 0
      ? [
          table(
            ['command', 'what'],
            subcommands.map(([name, what]) => [`[${name}](#${anchor([...words, name])})`, what]),
          ),
        ]
      : []),
    ...(args.length > 0
      ? [
          table(
            ['argument', 'what'],
            args.map(([name, what]) => [code(name), what]),
          ),
        ]
      : []),
    ...(options.length > 0 ? [table(['flag', 'what'], options.map(optionCells))] : []),
    ...(examples.length > 0 ? [fenced(examples.map(([line, what]) => `# ${what}\n${line}`).join('\n'))] : []),
  ];
}

function optionCells({ flags, description, spellings, choices }: OptionLine): string[] {
  const notes = [
    ...(choices.length > 0 ? [`one of ${choices.map(code).join(', ')}`] : []),
    ...(spellings.length > 0 ? [`also ${spellings.map(code).join(', ')}`] : []),
  ];
  return [code(flags), description + (notes.length > 0 ? ` (${notes.join('; ')})` : '')];
}

const code = (text: string): string => `\`${text}\``;
const fenced = (text: string): string => `\`\`\`sh\n${text}\n\`\`\``;
const sentence = (text: string): string => `${text}.`;
const anchor = (words: readonly string[]): string => ['skyctl', ...words].join('-');
/** Bars would end a cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
