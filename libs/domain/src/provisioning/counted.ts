/** `1 machine`, `2 machines`. @param noun whose plural has an s. */
export const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
