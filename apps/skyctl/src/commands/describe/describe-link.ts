/** A link for people: what is asked of it, what was looked at, and how each service uses it. */
import type { Link, LinkEvidence, LinkService } from '@skyflow/contracts';
import { ageOf } from '../../output/age.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { fields, section } from './describe-object.js';

export function describeLink({ terminal, flags }: Session, { spec, status }: Link): string[] {
  const nowMs = Date.now();
  const { phase, message, planes, ready, total, rttMs, traffic, evidence = [], services } = status;
  const asked = spec.plane === 'auto' ? 'auto (by the evidence)' : `${spec.plane} (services may say otherwise)`;
  return [
    fields([
      ['From', `${spec.from} (its services)`],
      ['To', `${spec.to} (their pods)`],
      ['Plane asked', asked],
      ['Plane', planes.join(', ') || '<none>'],
      ['Status', paintStatus(terminal, phase)],
      ['Because', message],
      ['Ready', `${ready}/${total}`],
      ...(rttMs === undefined ? [] : ([['There and back', `${rttMs.toFixed(1)} ms`]] as const)),
      ...(flags.has('at') && planes.includes('gateway')
        ? [['Connections', 'not known of the past: not in the log'] as const]
        : []),
      ...(traffic === undefined || !planes.includes('gateway')
        ? []
        : ([
            ['Connections', `${traffic.open} open, ${traffic.connections} so far, ${traffic.refused} refused`],
          ] as const)),
    ]),
    ...(services.length === 0
      ? []
      : section(
          'Services',
          renderTable({
            columns: ['Service', 'Plane', 'Because', 'Path', 'Since', 'Evidence', 'Ready'],
            rows: services.map((each) => serviceRow(each, nowMs)),
          }),
        )),
    ...(evidence.length === 0
      ? []
      : section(
          'Evidence',
          renderTable({ columns: ['Check', 'Speaks for flat', 'Found'], rows: evidence.map(checkRow) }),
        )),
  ];
}

const serviceRow = (
  { service, kind, plane, planeBecause = '', state, since, message, ready, total }: LinkService,
  nowMs: number,
): string[] => [
  kind === undefined ? service : `${service} (${kind})`,
  plane,
  planeBecause,
  state,
  ageOf(since, nowMs),
  message,
  `${ready}/${total}`,
];

const checkRow = ({ check, ok, message }: LinkEvidence): string[] => [
  check,
  ok === undefined ? 'not known' : ok ? 'yes' : 'no',
  message,
];
