/** Options of a write that are not part of the object. */

/** What to do about fields that the schema does not know: refuse, drop and warn, or drop. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface WriteOptions {
  /** Who the fields belong to from now on. Default: from the client's name. */
  fieldManager?: string;
  /** Default Warn. */
  fieldValidation?: FieldValidation;
}

/** The result of a write and what the client should be warned of. */
export interface WriteResult<T> {
  object: T;
  warnings: readonly string[];
}
