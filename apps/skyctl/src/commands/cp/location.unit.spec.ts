import { describe, expect, it } from '@jest/globals';
import { locationOf, splitPath } from './location.js';

describe('a word of cp', () => {
  it.each([
    ['hello:/tmp/x', 'hello', '/tmp/x'],
    ['deployment/web:rel/path', 'deployment/web', 'rel/path'],
    ['pod/web-1.east:/a:b', 'pod/web-1.east', '/a:b'],
    ['web-1.east:x', 'web-1.east', 'x'],
    ['./a:b', undefined, './a:b'],
    ['/abs/a:b', undefined, '/abs/a:b'],
    ['plain', undefined, 'plain'],
    ['.', undefined, '.'],
  ])('%s', (word, target, path) => {
    expect(locationOf(word)).toEqual({ target, path });
  });

  it('needs a path in the pod', () => {
    expect(() => locationOf('hello:')).toThrow('names no path');
  });

  it.each([
    ['/tmp/x', '/tmp', 'x'],
    ['/x/', '/', 'x'],
    ['x', '.', 'x'],
    ['a/b', 'a', 'b'],
  ])('%s is in %s', (path, directory, name) => {
    expect(splitPath(path)).toEqual({ directory, name });
  });

  it.each(['/', '..', 'a/..'])('%s cannot be copied by name', (path) => {
    expect(() => splitPath(path)).toThrow('can be copied by name');
  });
});
