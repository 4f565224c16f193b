/** The first that it is true of, taken out of the list: bad days of fakes come one by one. */
export function taken<T>(list: T[], isIt: (each: T) => boolean): T | undefined {
  const at = list.findIndex(isIt);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}
