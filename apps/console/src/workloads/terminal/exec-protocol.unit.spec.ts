import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { execPath, inputMessage, readMessage, resizeMessage, wordsOf } from './exec-protocol.js';

const message = (channel: number, text: string): ArrayBuffer =>
  Uint8Array.from([channel, ...new TextEncoder().encode(text)]).buffer;

describe('the protocol of exec', () => {
  it('puts what was typed and the size of the screen on their channels', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = inputMessage(text);
        expect([bytes[0], new TextDecoder().decode(bytes.subarray(1))]).toEqual([0, text]);
      }),
    );
    expect(new TextDecoder().decode(resizeMessage(80, 24))).toBe('\u0004{"Width":80,"Height":24}');
  });

  it('reads what a command says, whatever it is', () => {
    for (const channel of [1, 2])
      expect(readMessage(message(channel, 'é\n'))).toEqual({ type: 'output', bytes: new TextEncoder().encode('é\n') });
    for (const empty of [message(1, ''), message(3, ''), new ArrayBuffer(0), message(255, '1')])
      expect(readMessage(empty)).toBeUndefined();
  });

  it.each([
    ['{"status":"Success"}', 0, ''],
    [
      '{"status":"Failure","message":"command terminated with exit code 7","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}',
      7,
      'command terminated with exit code 7',
    ],
    ['{"status":"Failure","message":"no such file: bash"}', 1, 'no such file: bash'],
    ['plain words', 1, 'plain words'],
  ])('says how %s ended', (text, code, words) => {
    expect(readMessage(message(3, text))).toEqual({ type: 'end', code, message: words });
  });

  it('asks for a pod, a container and a command', () => {
    expect(execPath({ namespace: 'a', pod: 'p.c', container: 'main', command: ['sh', '-c', 'ls /'] })).toBe(
      '/api/v1/namespaces/a/pods/p.c/exec?container=main&stdin=true&stdout=true&stderr=false&tty=true&command=sh&command=-c&command=ls+%2F',
    );
    expect(wordsOf(` sh -c "ls -l /" 'a b'  `)).toEqual(['sh', '-c', 'ls -l /', 'a b']);
  });
});
