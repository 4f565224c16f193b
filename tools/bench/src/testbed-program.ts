import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './control-plane.js';
import { treeOf } from './processes.js';

/** Real control planes (tools/kube-testbed) as a program of their own. */
export class Testbed {
  private constructor(
    private readonly program: ChildProcess,
    private readonly directory: string,
  ) {}

  get kubeconfig(): string {
    return join(this.directory, 'kubeconfig');
  }

  /** The program and the servers that it runs. */
  get processes(): number[] {
    return treeOf(this.program.pid ?? 0);
  }

  /** Resolves when all of them are ready. @throws Error with what the program said, if it ended */
  static async start(clusters: readonly string[], nodesEach: number): Promise<Testbed> {
    const directory = mkdtempSync(join(tmpdir(), 'skyflow-bench-testbed-'));
    const args = ['up', '--directory', directory, '--clusters', clusters.join(','), '--nodes', String(nodesEach)];
    const program = spawn(process.execPath, [join(root, 'tools/kube-testbed/dist/main.js'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let words = '';
    program.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    for await (const line of createInterface({ input: program.stdout })) {
      if (line.includes('"ready":true')) return new Testbed(program, directory);
    }
    throw new Error(`the testbed has ended: ${words}`);
  }

  async stop(): Promise<void> {
    if (this.program.exitCode === null) {
      const gone = new Promise((resolve) => this.program.once('exit', resolve));
      this.program.kill('SIGTERM');
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
