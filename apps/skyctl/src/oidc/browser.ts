/** Opening a browser on this machine, where there is one. */
import { spawn } from 'node:child_process';

type Env = Readonly<Record<string, string | undefined>>;

/** The program that opens an address, and its arguments before it; undefined: there is no screen to show a browser on. */
export function browserCommand(env: Env, platform: NodeJS.Platform): readonly [string, ...string[]] | undefined {
  const [program, ...args] = (env.BROWSER ?? '').split(' ').filter((word) => word !== '');
  if (program !== undefined) return [program, ...args];
  if (platform === 'darwin') return env.SSH_CONNECTION === undefined ? ['open'] : undefined;
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  const hasScreen = (env.DISPLAY ?? '') !== '' || (env.WAYLAND_DISPLAY ?? '') !== '';
  return hasScreen ? ['xdg-open'] : undefined;
}

/** @returns whether a program to show it could be started */
export async function openBrowser(url: string, [program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.unref();
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false)).once('spawn', () => resolve(true));
  });
}
