/** The last commit of a subject: its stream sequence (0: none) and hash ('': none). What the next append must name. */
export interface SubjectHead {
  seq: number;
  hash: string;
}
