/** Runs kubectl to its end and gives what it said. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { kubectlPath } from './kubectl-path.js';

export interface RunOptions {
  kubeconfig?: string;
  /** For `-f -`. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  /** Killed after so long. Default 30 s. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Called with each piece of stdout, for `-w`. */
  onStdout?: (text: string) => void;
}

export interface KubectlResult {
  /** Null: killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

const TIMEOUT_MS = 30_000;

/** Never rejects for a non-zero exit; rejects when kubectl cannot be started. */
export async function runKubectl(args: readonly string[], options: RunOptions = {}): Promise<KubectlResult> {
  const { kubeconfig, input, signal, timeoutMs = TIMEOUT_MS } = options;
  const path = await kubectlPath();
  const env = { ...process.env, ...options.env };
  if (kubeconfig !== undefined) {
    env.KUBECONFIG = kubeconfig;
    // Discovery is cached by host and port; tests reuse ports.
    env.KUBECACHEDIR = join(dirname(kubeconfig), 'kube-cache');
  }
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      env,
      timeout: timeoutMs,
      stdio: 'pipe',
      ...(signal === undefined ? {} : { signal }),
    });
    const result: KubectlResult = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      result.stdout += text;
      options.onStdout?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      result.stderr += text;
    });
    // kubectl may end before it has read its input.
    child.stdin.on('error', () => undefined).end(input ?? '');
    child.on('error', (error) => {
      if (error.name !== 'AbortError') reject(error);
    });
    child.on('close', (code) => {
      resolve({ ...result, code });
    });
  });
}
