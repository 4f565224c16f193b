import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Answer, FromDesk, Query } from './messages.js';
import { WorkloadDesk } from './workload-desk.js';

/** The browser's end of a stream: what the gateway says is dispatched on it. */
class Line extends EventTarget {
  close(): void {
    // Nobody speaks on it any more.
  }
  say(event: string, data: object, id = ''): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data), lastEventId: id }));
  }
}

const job = (name: string, phase = 'RUNNING'): object => ({
  kind: 'Job',
  metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' },
  status: { phase, replicas: 1, ready: 1, placed: 1, clusters: [] },
});
const ALL: Query = {
  choice: { text: '', namespace: '', phase: '' },
  order: { column: 'name', descending: false },
  from: 0,
  count: 2,
};

describe('who answers for the workloads', () => {
  const lines: Line[] = [];
  const said: FromDesk[] = [];
  let desk: WorkloadDesk;
  const answers = (): Answer[] => said.flatMap((message) => (message.type === 'answer' ? [message.answer] : []));
  const names = (): string[] | undefined =>
    answers()
      .at(-1)
      ?.rows.map(({ metadata }) => metadata.name);
  const tell = (name: string, phase?: string, type = 'ADDED'): void =>
    lines.at(-1)?.say('change', { resource: 'jobs', type, object: job(name, phase) });

  beforeEach(() => {
    jest.useFakeTimers();
    lines.length = 0;
    said.length = 0;
    desk = new WorkloadDesk(
      (message) => said.push(message),
      () => {
        const line = new Line();
        lines.push(line);
        return line as unknown as EventSource;
      },
    );
    desk.receive({ type: 'start', kinds: ['jobs'] });
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('tells the window that was asked for, and again when it changes, a few times a second', () => {
    desk.receive({ type: 'ask', id: 1, query: ALL });
    for (let index = 0; index < 1_000; index++) tell(`j${String(index).padStart(3, '0')}`);
    jest.advanceTimersByTime(1_000);
    expect(answers().length).toBeLessThan(10);
    expect(answers().at(-1)).toMatchObject({ total: 1_000, all: 1_000, complete: false, phases: [['RUNNING', 1_000]] });
    expect(names()).toEqual(['j000', 'j001']);
    lines[0]?.say('synced', { resource: 'jobs' }, 'jobs=10');
    desk.receive({ type: 'ask', id: 1, query: { ...ALL, from: 998 } });
    expect([names(), answers().at(-1)?.complete]).toEqual([['j998', 'j999'], true]);
    const before = answers().length;
    jest.advanceTimersByTime(1_000);
    expect(answers()).toHaveLength(before);
    tell('j998', undefined, 'DELETED');
    jest.advanceTimersByTime(1_000);
    expect(names()).toEqual(['j999']);
    desk.receive({ type: 'forget', id: 1 });
    tell('j999', 'PENDING');
    jest.advanceTimersByTime(1_000);
    expect(names()).toEqual(['j999']);
  });

  it('answers for a moment of the past from the lists of then, and tells what is wrong with it', async () => {
    const fetched = jest.spyOn(globalThis, 'fetch');
    fetched.mockResolvedValueOnce(Response.json({ kind: 'JobList', items: [job('old', 'PENDING')] }));
    desk.receive({ type: 'ask', id: 1, query: { ...ALL, at: 7 } });
    await jest.advanceTimersByTimeAsync(0);
    expect(fetched.mock.calls[0]?.[0]).toBe('/apis/skyflow.io/v1/jobs?at=7');
    expect([names(), answers().at(-1)?.phases]).toEqual([['old'], [['PENDING', 1]]]);
    tell('new');
    jest.advanceTimersByTime(1_000);
    expect(names()).toEqual(['old']);
    const status = { kind: 'Status', code: 410, reason: 'Gone', message: 'the log has been purged' };
    fetched.mockResolvedValueOnce(Response.json(status, { status: 410 }));
    desk.receive({ type: 'ask', id: 1, query: { ...ALL, at: 3 } });
    await jest.advanceTimersByTimeAsync(0);
    expect(answers().at(-1)?.problem).toEqual({ code: 410, reason: 'Gone', message: 'the log has been purged' });
  });

  it('tells what differs between two commits', async () => {
    jest
      .spyOn(globalThis, 'fetch')
      .mockResolvedValueOnce(Response.json({ kind: 'JobList', items: [job('a', 'PENDING')] }))
      .mockResolvedValueOnce(Response.json({ kind: 'JobList', items: [job('a'), job('b')] }));
    desk.receive({ type: 'compare', id: 9, from: 1, to: 5 });
    await jest.advanceTimersByTimeAsync(0);
    const outcome = said.find((message) => message.type === 'compared');
    expect(outcome).toMatchObject({
      id: 9,
      outcome: { found: [{ key: 'default/a' }, { key: 'default/b', what: 'came' }] },
    });
  });

  it('has its token renewed by the page', async () => {
    jest.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response('{}', { status: 401 })));
    desk.receive({ type: 'ask', id: 1, query: { ...ALL, at: 7 } });
    await jest.advanceTimersByTimeAsync(0);
    expect(said.filter(({ type }) => type === 'refresh')).toHaveLength(1);
    jest
      .spyOn(globalThis, 'fetch')
      .mockImplementation(() => Promise.resolve(Response.json({ kind: 'JobList', items: [job('old')] })));
    desk.receive({ type: 'refreshed', ok: true });
    await jest.advanceTimersByTimeAsync(0);
    expect(names()).toEqual(['old']);
  });
});
