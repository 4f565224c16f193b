import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Job } from '@skyflow/contracts';
import { ageOf, duration } from './age.js';
import { capacityLines, decimals, requestLine } from './resources.js';
import { renderTable, widthOf } from './table.js';
import { Terminal } from './terminal.js';
import { tableOf } from './view.js';
import { sharesOf, workloadView } from './workload-view.js';

describe('a table', () => {
  it('aligns columns with four spaces between and nothing at the end', () => {
    expect(
      renderTable({
        columns: ['A', 'Long'],
        rows: [
          ['wide cell', ''],
          ['x', 'y'],
        ],
      }),
    ).toBe('A            Long\nwide cell\nx            y');
  });

  it('keeps the lines of a cell below each other', () => {
    expect(renderTable({ columns: ['A', 'B'], rows: [['one\ntwo', 'x']] })).toBe('A      B\none    x\ntwo');
  });

  it('starts each column at the same place in every row, whatever is in it', () => {
    const cell = fc
      .string({ unit: 'grapheme-ascii', maxLength: 12 })
      .filter((text) => !text.includes('\n') && !/ {2}/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
        const [header = '', ...body] = renderTable({ columns: ['First', 'Second'], rows }).split('\n');
        const at = header.indexOf('Second');
        body.forEach((line, index) => {
          expect(line.slice(0, at).trimEnd()).toBe(rows[index]![0].trimEnd());
          expect(line.slice(at)).toBe(rows[index]![1].trimEnd());
        });
      }),
    );
  });

  it('does not count colours, and counts wide characters twice', () => {
    expect(widthOf('\u001b[32mok\u001b[39m')).toBe(2);
    expect(widthOf('日本')).toBe(4);
  });
});

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [200_000, '3m20s'],
    [3_600_000, '60m'],
    [4 * 3_600_000, '4h'],
    [30 * 3_600_000, '30h'],
    [12 * 86_400_000, '12d'],
    [800 * 86_400_000, '2y70d'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('of what has no time is not known, and is never negative', () => {
    expect(ageOf(undefined, 0)).toBe('<unknown>');
    expect(ageOf('2026-01-01T00:00:00Z', 0)).toBe('0s');
  });
});

describe('amounts of resources', () => {
  it("are written in the seed's manner", () => {
    expect(
      capacityLines({ cpu: 1_930, memory: 2 ** 30 }, { cpu: 2_000, memory: 2 ** 31, 'nvidia.com/gpu': 2 }),
    ).toEqual(['cpus: 1.93/2.0', 'memory: 1024.0/2048.0 MiB', 'gpus: 0/2']);
    expect(capacityLines({}, {})).toEqual(['{}']);
    expect(decimals(1, 2)).toBe('1.0');
  });

  it('of a pod that asks for nothing, or for what cannot be read, are {}', () => {
    expect(requestLine({ spec: { containers: [{ name: 'a' }] } })).toBe('{}');
    expect(requestLine({ spec: { containers: [{ name: 'a', resources: { requests: { cpu: 'odd' } } }] } })).toBe('{}');
    expect(
      requestLine({
        spec: { containers: [{ name: 'a', resources: { requests: { cpu: '500m', 'nvidia.com/gpu': 1 } } }] },
      }),
    ).toBe('cpus: 0.5, gpus: 1');
  });
});

const job = (replicas: number, status?: object, metadata: object = {}): Job =>
  ({
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '', ...metadata },
    spec: { replicas, template: { spec: { containers: [] } } },
    ...(status === undefined ? {} : { status }),
  }) as unknown as Job;
const share = (cluster: string, replicas: number, running: number, succeeded = 0, phase = 'RUNNING') => ({
  cluster,
  replicas,
  running,
  succeeded,
  ready: running,
  failed: 0,
  phase,
});

describe('the rows of a workload', () => {
  it('are one for each share, and one for what waits', () => {
    const status = {
      phase: 'PENDING',
      placed: 3,
      reason: 'Full',
      message: 'no room',
      clusters: [share('a', 2, 1), share('b', 1, 1)],
    };
    const rows = sharesOf(job(5, status)).map((row) => [
      row.cluster,
      row.replicas,
      row.status,
      row.reason,
      row.message,
    ]);
    expect(rows).toEqual([
      ['a', '1/2', 'RUNNING', '', ''],
      ['b', '1/1', 'RUNNING', '', ''],
      ['-', '0/2', 'PENDING', 'Full', 'no room'],
    ]);
  });

  it('say why some wait while the workload as a whole runs', () => {
    const conditions = [{ type: 'Scheduled', status: 'False', reason: 'Full', message: 'no room' }];
    const status = { phase: 'RUNNING', placed: 1, replicas: 2, clusters: [share('a', 1, 1)], conditions };
    expect(sharesOf(job(2, status)).at(-1)).toMatchObject({ cluster: '-', reason: 'Full', message: 'no room' });
  });

  it('count finished pods, but never more than there are', () => {
    const status = { phase: 'COMPLETED', placed: 2, clusters: [share('a', 2, 0, 5, 'COMPLETED')] };
    expect(sharesOf(job(2, status))[0]).toMatchObject({ replicas: '2/2', status: 'COMPLETED' });
  });

  it('are there before the scheduler has seen it, and while it is deleted', () => {
    expect(sharesOf(job(2))).toEqual([
      {
        cluster: '-',
        replicas: '0/2',
        status: 'PENDING',
        observedAt: '',
        reason: 'Queued',
        message: 'the scheduler has not seen it yet',
      },
    ]);
    const deleting = job(1, { phase: 'DELETING', placed: 1, clusters: [share('a', 1, 1)] }, { deletionTimestamp: 'x' });
    expect(sharesOf(deleting).map((row) => row.status)).toEqual(['DELETING']);
  });

  it('show a reason only if there is one, unless all is asked for', () => {
    const terminal = new Terminal({ write: () => true }, { write: () => true }, {});
    const options = { wide: false, showLabels: false, nowMs: 0, terminal, allNamespaces: false };
    const columns = (object: Job, wide = false) =>
      tableOf(workloadView(options), [{ object }], { ...options, wide }).columns;
    const running = job(1, { phase: 'RUNNING', placed: 1, clusters: [share('a', 1, 1)] });
    expect(columns(running)).toEqual(['Name', 'Cluster', 'Replicas', 'Resources', 'Namespace', 'Status']);
    expect(columns(job(1))).toContain('Reason');
    expect(columns(running, true)).toEqual(expect.arrayContaining(['Age', 'Reason']));
  });
});

describe('colours', () => {
  const painted = (isTTY: boolean, env: NodeJS.ProcessEnv) =>
    new Terminal({ write: () => true, isTTY }, { write: () => true }, env).paint('green', 'x');

  it('are for terminals, and for those who want them', () => {
    expect(painted(true, {})).toBe('\u001b[32mx\u001b[39m');
    expect(painted(false, {})).toBe('x');
    expect(painted(true, { NO_COLOR: '1' })).toBe('x');
    expect(painted(true, { TERM: 'dumb' })).toBe('x');
  });
});
