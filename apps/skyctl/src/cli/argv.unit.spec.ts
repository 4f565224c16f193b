import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { COMMANDS } from '../commands/index.js';
import { route } from './argv.js';
import { GLOBAL_OPTIONS } from './help.js';

const routed = (...argv: string[]) => {
  const { path, words, passThrough } = route(argv, COMMANDS, GLOBAL_OPTIONS);
  return { command: path.map(({ name }) => name).join(' '), words, passThrough };
};

describe('the words of a command line', () => {
  it.each([
    [['get', 'jobs'], 'get', ['jobs']],
    [['GET', 'jobs'], 'get', ['jobs']],
    [['create', 'jobs', 'x'], 'create job', ['x']],
    [['create', 'deploy', 'x'], 'create deployment', ['x']],
    [['--server', 'http://x', 'get', 'jobs'], 'get', ['--server=http://x', 'jobs']],
    [['-n', 'team', 'get', 'jobs'], 'get', ['--namespace=team', 'jobs']],
    [['--server=http://x', 'get', 'jobs'], 'get', ['--server=http://x', 'jobs']],
    [['config', 'use-ctx', 'a'], 'config use-context', ['a']],
    [['frobnicate', 'x'], '', ['frobnicate', 'x']],
    [['get', '-o', 'json', 'jobs'], 'get', ['--output=json', 'jobs']],
    [['apply', '-f', '-'], 'apply', ['--filename=-']],
    [['delete', 'jobs', '--wait=false'], 'delete', ['jobs', '--no-wait']],
    [['delete', 'jobs', '--wait=true'], 'delete', ['jobs', '--wait']],
    [['register', 'jo', '-inv', 'x'], 'register', ['jo', '--invite=x']],
    [['create', 'cluster', 'x', '-C', 'f'], 'create cluster', ['x', '--kubeconfig=f']],
  ])('%j is the command %s with %j', (argv, command, words) => {
    expect(routed(...argv)).toEqual({ command, words, passThrough: [] });
  });

  it.each([
    [
      ['--labels', 'app', 'nginx', 'hello'],
      ['--labels=app=nginx', 'hello'],
    ],
    [
      ['hello', '-l', 'app=nginx'],
      ['hello', '--labels=app=nginx'],
    ],
    [
      ['hello', '-l', 'a', '1', '-l', 'b', '2'],
      ['hello', '--labels=a=1', '--labels=b=2'],
    ],
    [
      ['hello', '-e', 'URL', 'http://x/?a=b'],
      ['hello', '--envs=URL=http://x/?a=b'],
    ],
    [
      ['hello', '--env', 'A=b=c'],
      ['hello', '--envs=A=b=c'],
    ],
    [
      ['hello', '-e', 'FLAG', '-x'],
      ['hello', '--envs=FLAG=-x'],
    ],
    [
      ['hello', '-l', 'alone', '--cpus', '1'],
      ['hello', '--labels=alone', '--cpus=1'],
    ],
    [
      ['hello', '-l', 'alone'],
      ['hello', '--labels=alone'],
    ],
    [
      ['hello', '--restart_policy', 'Never'],
      ['hello', '--restart-policy=Never'],
    ],
    [
      ['hello', '--cluster', 'a', '--clusters=b'],
      ['hello', '--clusters=a', '--clusters=b'],
    ],
    [
      ['hello', '--run', 'echo a; sleep 1'],
      ['hello', '--run=echo a; sleep 1'],
    ],
    [
      ['hello', '--unknown', 'x'],
      ['hello', '--unknown', 'x'],
    ],
  ])("create job takes the seed's spellings: %j", (flags, words) => {
    expect(routed('create', 'job', ...flags).words).toEqual(words);
  });

  it('sets aside what is after --', () => {
    expect(routed('create', 'job', 'x', '--', 'sh', '-c', 'date')).toEqual({
      command: 'create job',
      words: ['x'],
      passThrough: ['sh', '-c', 'date'],
    });
  });

  it('loses no word, whatever is typed', () => {
    const word = fc.oneof(
      fc.constantFrom('get', 'create', 'job', '-l', '--labels', '-o', '-n', '--server', '-w', '--run', '--envs'),
      fc.stringMatching(/^[a-z0-9]{1,5}$/),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        const { path, words } = route(argv, COMMANDS, GLOBAL_OPTIONS);
        const text = words.join(' ');
        const commands = path.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
        for (const plain of argv) {
          if (!plain.startsWith('-') && !commands.includes(plain)) expect(text).toContain(plain);
        }
      }),
    );
  });
});

describe('the command that exec runs', () => {
  it.each([
    [['hello', 'ls', '-l'], ['hello'], ['ls', '-l']],
    [['hello', '--', 'ls', '-l'], ['hello'], ['ls', '-l']],
    [
      ['-it', 'hello', 'sh', '-c', 'x y'],
      ['-it', 'hello'],
      ['sh', '-c', 'x y'],
    ],
    [['hello', '-cts', 'web', '--tasks', 'p', 'ls'], ['hello', '--container=web', '--task=p'], ['ls']],
    [
      ['-n', 'team', 'hello', '-q', 'ls', '--', '-x'],
      ['--namespace=team', 'hello', '--quiet'],
      ['ls', '-x'],
    ],
  ])('in %j', (argv, words, passThrough) => {
    expect(routed('exec', ...argv)).toEqual({ command: 'exec', words, passThrough });
  });
});
