import { describe, expect, it } from '@jest/globals';
import { parseOptions, UsageError } from './options.js';

describe('the command line of up and down', () => {
  it('starts embedded clusters on the default port when nothing is said', () => {
    expect(parseOptions(['up'], '/here')).toEqual({
      command: 'up',
      detach: false,
      tls: false,
      rotateKeys: false,
      httpPort: undefined,
      kubeconfig: undefined,
      contexts: [],
    });
  });

  it('takes a kubeconfig relative to where it was typed, and any number of contexts of any name', () => {
    expect(
      parseOptions(
        ['up', '--kubeconfig', 'kube/config', '--context', 'a', '--context', 'arn:aws:eks:x:cluster/b c'],
        '/here',
      ),
    ).toMatchObject({
      kubeconfig: '/here/kube/config',
      contexts: ['a', 'arn:aws:eks:x:cluster/b c'],
    });
  });

  it.each([
    [[], /"" is not a command/],
    [['sideways'], /"sideways" is not a command/],
    [['up', '--prot', '1'], /--prot/],
    [['up', '--port', '0'], /--port 0.*1 to 65535/],
    [['up', '--port', '1.5'], /--port 1\.5/],
    [['up', '--context', 'a'], /--kubeconfig/],
    [['down', '--detach'], /--detach/],
    [['up', 'now'], /now/],
  ])('refuses %j and says why', (args, message) => {
    expect(() => parseOptions(args, '/here')).toThrow(UsageError);
    expect(() => parseOptions(args, '/here')).toThrow(message);
  });
});
