/** A folder with an executable `rke` that is rke-program.mjs, and what would be on the hosts it works on. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface FakeRkeSettings {
  lineMs?: number;
  /** File of a real cluster that is "built". */
  kubeconfig?: string;
  fail?: { at: string; message: string; times?: number; before?: string[] }[];
  hangAt?: string;
  skip?: string[];
  skipTimes?: number;
  warn?: string[];
  /** Socket of an HTTP server that is asked at each point, `POST /before%20etcd`; it goes on when it is answered. */
  gate?: string;
  version?: string;
}

export interface FakeRkeWorld {
  /** Hosts that have something of the cluster. */
  hosts?: string[];
  authority?: string;
  finished?: boolean;
  /** Authorities made. */
  minted?: number;
  runs?: number;
  running?: number;
  /** Times that two were at work at once. */
  together?: number;
  kubernetes?: string;
  /** Times that certificates were issued anew. */
  issued?: number;
  /** What is in etcd, and in its snapshots. */
  data?: string;
  snapshots?: Record<string, { state: string; data?: string }>;
}

const PROGRAM = fileURLToPath(new URL('./rke-program.mjs', import.meta.url));

export class FakeRke {
  readonly folder = mkdtempSync(join(tmpdir(), 'skyflow-rke-'));
  readonly path = join(this.folder, 'rke');
  private readonly worldFile = join(this.folder, 'world.json');

  constructor(settings: FakeRkeSettings = {}) {
    const file = join(this.folder, 'settings.json');
    writeFileSync(this.path, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "${file}" "$@"\n`, { mode: 0o755 });
    this.set(settings);
  }

  set(settings: FakeRkeSettings): void {
    writeFileSync(
      join(this.folder, 'settings.json'),
      JSON.stringify({ lineMs: 1, ...settings, world: this.worldFile }),
    );
  }

  get world(): FakeRkeWorld {
    return existsSync(this.worldFile) ? (JSON.parse(readFileSync(this.worldFile, 'utf8')) as FakeRkeWorld) : {};
  }

  /** Something is written to the cluster. */
  write(data: string): void {
    writeFileSync(this.worldFile, JSON.stringify({ ...this.world, data }));
  }

  /** The machines that it worked on are gone, and what was on them: others have nothing of a cluster. */
  forgetMachines(): void {
    writeFileSync(this.worldFile, JSON.stringify({ ...this.world, hosts: [], authority: undefined, finished: false }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
