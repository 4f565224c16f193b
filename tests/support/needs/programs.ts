/** Needs that are programs of the machine, brought by Debian packages. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import type { Need } from './need.js';

/** npm puts the programs of packages first, and one of them is called `nft` as well. */
const machinePath = (): string =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
    .join(delimiter);

function output(file: string, args: readonly string[]): { ok: boolean; text: string } {
  const env = { ...process.env, PATH: machinePath() };
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', env, timeout: 30_000 });
  return { ok: status === 0, text: error?.message ?? `${stdout}${stderr}`.trim() };
}

/** Whether a program of this machine can be started. */
export const runs = (file: string, args: readonly string[] = ['--version']): boolean => output(file, args).ok;

/** A program of a Debian package. @param says is in its answer where it is the one that is meant */
export const program = (file: string, debian: string, args: readonly string[] = ['--version'], says = ''): Need => ({
  packages: [debian],
  missing: () => {
    const { ok, text } = output(file, args);
    return ok && text.includes(says) ? undefined : `${file} is missing: apt-get install ${debian}`;
  },
});

/** Made by root, with the rules of kube-proxy in them. */
export const networkNamespaces: Need = {
  packages: ['iproute2', 'iptables'],
  missing: () => {
    if (process.platform !== 'linux') return `this is ${process.platform}: run it on Linux`;
    if (!runs('ip', ['-V'])) return 'ip is missing: apt-get install iproute2';
    if (!runs('iptables')) return 'iptables is missing: apt-get install iptables';
    if (process.getuid?.() !== 0) return 'only root may make them: run it as root';
    const name = `sky-try-${process.pid}`;
    const made = output('ip', ['netns', 'add', name]);
    if (!made.ok) return `ip netns add: ${firstLine(made.text)}: run it where root may (docker run --privileged)`;
    const listed = output('ip', ['netns', 'exec', name, 'iptables', '-t', 'nat', '-L']);
    output('ip', ['netns', 'del', name]);
    return listed.ok ? undefined : `iptables in one: ${firstLine(listed.text)}: modprobe iptable_nat`;
  },
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
