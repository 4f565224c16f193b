/** What a host printed before its script ended badly, as a failure with its class. */
import type { FailureClass } from '@skyflow/contracts';
import { ProvisionError } from '../../provision-error.js';

interface Pattern {
  line: RegExp;
  class: FailureClass;
  message: string;
  advice: string;
}

const PATTERNS: readonly Pattern[] = [
  {
    line: /bootstrap data already found and encrypted with different token/,
    class: 'dangerous',
    message: 'the datastore was made with another token: this is another cluster, or what is left of one',
    advice: 'nothing is done until you decide: take it off the host with its uninstall script, or name another host',
  },
  {
    line: /sudo: (a password is required|a terminal is required|.*not in the sudoers)|sudo: not found/,
    class: 'auth',
    message: 'the user may not become root',
    advice: 'let the user run sudo without a password, or log in as root',
  },
  {
    line: /(Could not resolve host|Failed to connect to|curl: \(\d+\)|Connection timed out)/i,
    class: 'network',
    message: 'the program cannot be fetched',
    advice: 'let the host reach get.k3s.io, get.rke2.io and github.com, or install the program on it beforehand',
  },
  {
    line: /No space left on device/,
    class: 'config',
    message: 'its disk is full',
    advice: 'free some, or mount a larger disk at /var/lib',
  },
  {
    line: /(systemctl|flock|base64): (command )?not found/,
    class: 'config',
    message: 'the host lacks a program that is needed',
    advice: 'it needs systemd, util-linux and coreutils',
  },
  {
    line: /is not ready$/,
    class: 'healthcheck',
    message: 'it did not become ready',
    advice: 'look at the lines of its journal in the build log, and at the ports between the hosts',
  },
];

export function failureIn(lines: readonly string[], name: string, code: number): ProvisionError {
  for (const pattern of PATTERNS) {
    const line = lines.findLast((each) => pattern.line.test(each));
    if (line !== undefined)
      return new ProvisionError(pattern.class, `${name}: ${pattern.message}`, pattern.advice, { line });
  }
  const last = lines.at(-1);
  const message = `${name}: the installation ended with ${String(code)}`;
  return new ProvisionError(
    'unknown',
    message,
    'look at its last lines in the build log',
    last === undefined ? {} : { line: last },
  );
}
