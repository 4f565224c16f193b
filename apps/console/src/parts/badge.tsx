/** One word of a status, with a colour and a sign: nobody has to tell colours apart. */
import type { ReactElement } from 'react';

type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'off';

const TONES: Readonly<Record<string, Tone>> = {
  READY: 'good',
  RUNNING: 'good',
  UP: 'good',
  ACTIVE: 'good',
  PROVISIONING: 'busy',
  UPDATING: 'busy',
  STOPPING: 'busy',
  True: 'good',
  COMPLETED: 'off',
  PENDING: 'busy',
  INIT: 'busy',
  DELETING: 'busy',
  DEGRADED: 'warn',
  SUSPECT: 'warn',
  OVERLAP: 'warn',
  UNKNOWN: 'warn',
  UNREACHABLE: 'bad',
  LOST: 'bad',
  FAILED: 'bad',
  DOWN: 'bad',
};
const SIGNS: Readonly<Record<Tone, string>> = { good: '●', busy: '◐', warn: '▲', bad: '✕', off: '○' };

export function Badge({ word, tone = TONES[word] ?? 'off' }: { word: string; tone?: Tone }): ReactElement {
  return (
    <span className={`badge badge-${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {word}
    </span>
  );
}
