/** The pod templates that a Deployment has had, as a record of the read model holds them. */

/** One pod template, and under which number it is known. */
export interface TemplateRevision {
  readonly revision: number;
  /** Generation that first had it under this number. */
  readonly generation: number;
  /** When that was, ms since the epoch. */
  readonly at: number;
}

/** A template that is not the object's any more. */
export interface PastTemplate extends TemplateRevision {
  /** JSON of spec.template. */
  readonly template: string;
  /** JSON of the annotations that the object had with it; '' for none. */
  readonly annotations: string;
}

export interface TemplateHistory extends TemplateRevision {
  /** By revision, ascending. */
  readonly past: readonly PastTemplate[];
}
