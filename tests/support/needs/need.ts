/** Something that tests need beyond Node and the npm packages. */
export interface Need {
  /** Debian packages that bring it. */
  packages?: readonly string[];
  /** What is missing and the command that brings it, in one line: `iptables is missing: apt-get install iptables`. Undefined: nothing. */
  missing(): string | undefined | Promise<string | undefined>;
}
