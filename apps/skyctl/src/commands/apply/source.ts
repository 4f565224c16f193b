/** A text with manifests in it. */
export interface Source {
  /** As a person would name it: the path, the address, or `stdin`. */
  name: string;
  text: string;
}
