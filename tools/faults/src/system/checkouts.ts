/** Whose programs run: this checkout's; where two versions are to run side by side, those of another one for every other instance. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Of each service, in a checkout. */
export const PROGRAMS = {
  'api-gateway': 'apps/api-gateway/dist/main.js',
  scheduler: 'apps/scheduler/dist/main.js',
  'mesh-controller': 'apps/mesh-controller/dist/main.js',
  'agent-supervisor': 'apps/cluster-agent/dist/supervisor.js',
} as const;

export class Checkouts {
  /** @param beside undefined: one version */
  constructor(
    readonly here: string,
    readonly beside: string | undefined,
  ) {}

  get areTwo(): boolean {
    return this.beside !== undefined;
  }

  /** Whose programs the nth instance of a service begins with: odd ones come from beside. */
  of(index: number): string {
    return this.beside !== undefined && index % 2 === 1 ? this.beside : this.here;
  }

  /** The other one; the same where there is only one. */
  other(checkout: string): string {
    return this.beside !== undefined && checkout === this.here ? this.beside : this.here;
  }
}

/** Why a folder is no checkout whose programs can run; undefined: nothing is known against it. */
export function notBuilt(checkout: string): string | undefined {
  const missing = Object.values(PROGRAMS).find((program) => !existsSync(join(checkout, program)));
  if (missing === undefined) return undefined;
  return `has no ${missing}; it must be a checkout of SkyFlow that is built: git worktree add DIR COMMIT && cd DIR && npm ci && npx nx run-many -t build`;
}
