/** The pod templates that a Deployment has had as rows for snapshots; see record-rows.ts. */
import type { TemplateHistory } from './template-record.js';

/** Templates and annotations are indices into the texts of the piece. */
export type TemplatesRow = [
  revision: number,
  generation: number,
  at: number,
  past: [revision: number, generation: number, at: number, template: number, annotations: number][],
];

export const templatesRow = (
  { revision, generation, at, past }: TemplateHistory,
  texts: { index: (text: string) => number },
): TemplatesRow => [
  revision,
  generation,
  at,
  past.map((each) => [
    each.revision,
    each.generation,
    each.at,
    texts.index(each.template),
    texts.index(each.annotations),
  ]),
];

export const templatesOf = (
  [revision, generation, at, past]: TemplatesRow,
  texts: readonly string[],
): TemplateHistory => ({
  revision,
  generation,
  at,
  past: past.map((row) => ({
    revision: row[0],
    generation: row[1],
    at: row[2],
    template: texts[row[3]] as string,
    annotations: texts[row[4]] as string,
  })),
});
