/** Man pages (section 1), in the macros of man(7): one for skyctl and one for each command. */
import { EXIT_MEANINGS } from '../cli/exit-codes.js';
import { ENVIRONMENT } from '../cli/help.js';
import type { CommandPage, OptionLine } from './command-page.js';

export interface ManPage {
  /** `skyctl-create-job.1` */
  file: string;
  text: string;
}

export function manPages(pages: readonly CommandPage[], globals: readonly OptionLine[], version: string): ManPage[] {
  const outer = pages.filter(({ words }) => words.length === 1);
  const root = page('skyctl', 'many Kubernetes clusters, one super-cluster', version, [
    section('SYNOPSIS', ['.B skyctl', escape('COMMAND [flags]')]),
    section(
      'COMMANDS',
      outer.flatMap(({ words, summary }) => tagged(`skyctl-${words.join('-')}(1)`, summary)),
    ),
    section('FLAGS OF EVERY COMMAND', globals.flatMap(optionLines)),
    section(
      'EXIT STATUS',
      EXIT_MEANINGS.flatMap(([code, meaning]) => tagged(String(code), meaning)),
    ),
    section(
      'ENVIRONMENT',
      ENVIRONMENT.flatMap(([name, what]) => tagged(name, what)),
    ),
  ]);
  return [root, ...pages.map((each) => commandPage(each, version))];
}

function commandPage(
  { words, summary, details, synopsis, aliases, arguments: args, options, examples, subcommands }: CommandPage,
  version: string,
): ManPage {
  const name = ['skyctl', ...words].join('-');
  return page(name, summary, version, [
    section('SYNOPSIS', [escape(synopsis)]),
    section('DESCRIPTION', [
      escape(`${summary}.`),
      ...(aliases.length > 0 ? ['.PP', escape(`Also: ${aliases.join(', ')}.`)] : []),
      ...details.flatMap((text) => ['.PP', escape(text.replaceAll('\n', ' '))]),
    ]),
    section(
      'COMMANDS',
      subcommands.flatMap(([sub, what]) => tagged(`${name}-${sub}(1)`, what)),
    ),
    section(
      'ARGUMENTS',
      args.flatMap(([word, what]) => tagged(word, what)),
    ),
    section('FLAGS', options.flatMap(optionLines)),
    section(
      'EXAMPLES',
      examples.flatMap(([line, what]) => ['.PP', escape(`${what}:`), '.PP', '.nf', '.RS', escape(line), '.RE', '.fi']),
    ),
    section('SEE ALSO', [
      escape(
        [
          'skyctl(1)',
          ...(words.length > 1 ? [`${name.slice(0, name.lastIndexOf(`-${words.at(-1) ?? ''}`))}(1)`] : []),
        ].join(', '),
      ),
    ]),
  ]);
}

function page(name: string, summary: string, version: string, sections: readonly string[]): ManPage {
  const head = `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`skyctl ${version}`)} "SkyFlow"`;
  const title = ['.SH NAME', escape(`${name} - ${summary}`)].join('\n');
  return { file: `${name}.1`, text: `${[head, title, ...sections.filter((text) => text !== '')].join('\n')}\n` };
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : [`.SH ${quoted(title)}`, ...lines].join('\n');

function optionLines({ flags, description, spellings, choices }: OptionLine): string[] {
  const notes = [
    ...(choices.length > 0 ? [`one of ${choices.join(', ')}`] : []),
    ...(spellings.length > 0 ? [`also ${spellings.join(', ')}`] : []),
  ];
  return tagged(flags, description + (notes.length > 0 ? ` (${notes.join('; ')})` : ''));
}

const tagged = (tag: string, text: string): string[] => ['.TP', `.B ${quoted(tag)}`, escape(text)];

/** Backslashes, dashes that are to be typed, what is not ASCII, and lines that would be macros. */
const escape = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(
      /[^ -~\n]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .split('\n')
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join('\n');

/** An argument of a macro: quotes in it are doubled. */
const quoted = (text: string): string => `"${escape(text).replaceAll('"', '""')}"`;
