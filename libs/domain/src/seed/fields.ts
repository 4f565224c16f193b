/**
 * Reads the fields of a document in the seed system's form: every name in snake_case and in camelCase, texts where numbers are meant.
 * What is wrong is collected, and so is what nobody read: nothing that was said is lost without a word.
 */

/** A field that no object can be made of. */
export interface SeedProblem {
  /** Such as `spec.restart_policy`, as it is written in the document. */
  field: string;
  /** What is wrong and what is right. */
  message: string;
}

export type Fields = Readonly<Record<string, unknown>>;

const camelCase = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

export class SeedFields {
  readonly #read = new Set<string>();

  constructor(
    private readonly fields: Fields,
    readonly path: string,
    readonly problems: SeedProblem[],
  ) {}

  /** The first of these names (snake_case) that is there, in either spelling. */
  value(...names: readonly string[]): { field: string; value: unknown } | undefined {
    let found: { field: string; value: unknown } | undefined;
    for (const name of names.flatMap((each) => [each, camelCase(each)])) {
      const value = Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
      if (this.#read.has(name) || value === undefined || value === null) continue;
      this.#read.add(name);
      const field = this.at(name);
      if (found === undefined) found = { field, value };
      else if (JSON.stringify(found.value) !== JSON.stringify(value)) {
        this.problem(field, `says something else than ${found.field}; give one of them`);
      }
    }
    return found;
  }

  /** Text; numbers and booleans as they are written. */
  text(...names: readonly string[]): string | undefined {
    const found = this.value(...names);
    if (found === undefined) return undefined;
    if (typeof found.value !== 'object') return scalarText(found.value);
    this.problem(found.field, 'must be text or a number');
    return undefined;
  }

  list(...names: readonly string[]): readonly unknown[] {
    const found = this.value(...names);
    if (found === undefined) return [];
    if (Array.isArray(found.value)) return found.value as readonly unknown[];
    this.problem(found.field, 'must be a list');
    return [];
  }

  texts(...names: readonly string[]): string[] {
    return this.list(...names).flatMap((value, index) => {
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      this.problem(`${this.at(names[0] ?? '')}[${index}]`, 'must be text');
      return [];
    });
  }

  /** Texts by name. */
  map(...names: readonly string[]): Record<string, string> {
    const found = this.value(...names);
    if (found === undefined) return {};
    if (!isFields(found.value)) {
      this.problem(found.field, 'must be a map');
      return {};
    }
    const entries = Object.entries(found.value).filter(([name, value]) => {
      if (value !== null && typeof value !== 'object') return true;
      this.problem(`${found.field}.${name}`, 'must be text or a number');
      return false;
    });
    return Object.fromEntries(entries.map(([name, value]) => [name, scalarText(value)]));
  }

  inside(...names: readonly string[]): SeedFields {
    const found = this.value(...names);
    if (found !== undefined && !isFields(found.value)) this.problem(found.field, 'must be a map');
    const fields = isFields(found?.value) ? found.value : {};
    return new SeedFields(fields, found?.field ?? this.at(names[0] ?? ''), this.problems);
  }

  /** Each item of a list of maps. */
  items(...names: readonly string[]): SeedFields[] {
    return this.list(...names).flatMap((item, index) => {
      const path = `${this.at(names[0] ?? '')}[${index}]`;
      if (isFields(item)) return new SeedFields(item, path, this.problems);
      this.problem(path, 'must be a map');
      return [];
    });
  }

  /** All that was not read yet, as texts. */
  rest(): Record<string, string> {
    const left = Object.keys(this.fields).filter((name) => !this.#read.has(name));
    const values = left.flatMap((name): [string, string][] => {
      const value = this.text(name);
      return value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(values);
  }

  /** All that was not read yet, as maps by name. */
  children(): [string, SeedFields][] {
    const left = Object.keys(this.fields).filter((name) => !this.#read.has(name) && this.fields[name] !== null);
    return left.map((name) => [name, this.inside(name)]);
  }

  problem(field: string, message: string): void {
    this.problems.push({ field, message });
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** What is left is a mistake: a misspelt field would be lost. */
  end(known: string): void {
    for (const [name, value] of Object.entries(this.fields)) {
      if (this.#read.has(name) || value === null || value === undefined) continue;
      this.problem(this.at(name), `is no field of the seed system's form; there are ${known}`);
    }
  }
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `K=V` pairs of a map. */
export const pairsOf = (map: Readonly<Record<string, string>>): { key: string; value: string }[] =>
  Object.entries(map).map(([key, value]) => ({ key, value }));

/** As it is written in YAML. */
export const scalarText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
