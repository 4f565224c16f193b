/** For properties: what is checked after every step of every run. Jest's `expect` would be most of the time that they take. */
export function holds(condition: boolean, otherwise: () => string): void {
  if (!condition) throw new Error(otherwise());
}
