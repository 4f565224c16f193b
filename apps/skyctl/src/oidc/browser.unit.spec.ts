import { describe, expect, it } from '@jest/globals';
import { browserCommand } from './browser.js';

describe('the program that opens a browser', () => {
  it.each<[object, NodeJS.Platform, readonly string[] | undefined]>([
    [{}, 'linux', undefined],
    [{ DISPLAY: '' }, 'linux', undefined],
    [{ DISPLAY: ':0' }, 'linux', ['xdg-open']],
    [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', ['xdg-open']],
    [{ BROWSER: 'firefox --new-window' }, 'linux', ['firefox', '--new-window']],
    [{}, 'darwin', ['open']],
    [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'darwin', undefined],
    [{}, 'win32', ['rundll32', 'url.dll,FileProtocolHandler']],
  ])('with %j on %s is %j', (env, platform, expected) => {
    expect(browserCommand(env as Record<string, string>, platform)).toEqual(expected);
  });
});
