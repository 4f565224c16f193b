/**
 * How often a write that does not insist on a version is made again from the newest state when another came first. Each round
 * at least one writer wins, so this is also how many may change one object at the same moment and all succeed.
 */
export const WRITE_ATTEMPTS = 64;
