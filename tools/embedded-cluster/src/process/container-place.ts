/** Where a command of a container runs, besides its own: for exec and for probes. */
export interface ContainerPlace {
  env: Record<string, string>;
  cwd: string;
  /** The command line that runs `command` where the container's mounts are. */
  within(command: readonly string[]): string[];
}
