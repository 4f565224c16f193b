import { describe, expect, it } from '@jest/globals';
import type { TokenSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { AGENT_LIFE_MS, AGENT_RENEW_MS, agentsLetIn, newAgentToken, renewedAgentToken } from './agent-credentials.js';
import { accessEnd } from './token-life.js';

const NOW = Date.parse('2026-11-28T06:00:00Z');
const EAST = { name: 'east', uid: 'uid-east' };
const clusters = new Map([['east', 'uid-east']]);
const keysAt = (spec: TokenSpec, nowMs: number): readonly string[] =>
  agentsLetIn([spec], clusters, nowMs).agents['east'] ?? [];

describe('what an agent is let in with', () => {
  it('however often and when it is renewed: the newest is good for its whole life, at most one older beside it, for an hour at most', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 * AGENT_RENEW_MS }), { maxLength: 12 }), (pauses) => {
        let at = NOW;
        let token = newAgentToken(EAST, { natsKey: 'K0', hash: 'h0' }, at);
        for (const [index, pause] of pauses.entries()) {
          at += pause;
          const number = index + 1;
          token = renewedAgentToken(token, { natsKey: `K${number}`, hash: `h${number}`, presented: `h${index}` }, at);
          const newest = `K${number}`;
          expect(keysAt(token.spec, at)).toContain(newest);
          expect(keysAt(token.spec, at).length).toBeLessThanOrEqual(2);
          expect(keysAt(token.spec, at + 3_600_001)).toEqual([newest]);
          expect(keysAt(token.spec, at + AGENT_LIFE_MS - 1_000)).toEqual([newest]);
          expect(keysAt(token.spec, at + AGENT_LIFE_MS + 1_000)).toEqual([]);
          const before = accessEnd(token.secret, `h${index}`);
          expect(before === false || (before ?? Infinity) <= at + 3_600_000 + 1_000).toBe(true);
          expect(accessEnd(token.secret, `h${number}`)).toBeGreaterThan(at + AGENT_LIFE_MS - 1_000);
        }
      }),
    );
  });

  it('while answers are lost stays what it was for an hour, however often it asks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 60, size: 'max' }),
        (moments) => {
          const asked = moments.toSorted((one, other) => one - other);
          let token = newAgentToken(EAST, { natsKey: 'K0', hash: 'h0' }, NOW);
          for (const [index, after] of asked.entries()) {
            if (after >= (asked[0] ?? 0) + 3_599_000) break;
            token = renewedAgentToken(token, { natsKey: 'K1', hash: `h${index + 1}`, presented: 'h0' }, NOW + after);
            expect(accessEnd(token.secret, 'h0')).toBeGreaterThan(NOW + (asked[0] ?? 0) + 3_599_000);
            expect(accessEnd(token.secret, `h${index + 1}`)).toBeGreaterThan(NOW + AGENT_LIFE_MS - 1_000);
            expect(keysAt(token.spec, NOW + after)).toEqual(['K0', 'K1']);
            expect(token.secret.access.length).toBeLessThanOrEqual(16);
          }
        },
      ),
    );
  });

  it('is of one cluster with one uid, and of no token of another type', () => {
    const { spec } = newAgentToken(EAST, { natsKey: 'K', hash: 'h' }, NOW);
    expect(agentsLetIn([spec], new Map([['east', 'another']]), NOW).agents).toEqual({});
    expect(agentsLetIn([spec], new Map(), NOW).agents).toEqual({});
    expect(agentsLetIn([{ ...spec, type: 'Service' }], clusters, NOW).agents).toEqual({});
    expect(agentsLetIn([spec], clusters, NOW).agents).toEqual({ east: ['K'] });
  });

  it('changes by time alone when the next key ends, and never before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 2 * AGENT_RENEW_MS }), (count, later) => {
        let token = newAgentToken(EAST, { natsKey: 'K0', hash: 'h' }, NOW);
        for (let number = 1; number < count; number++)
          token = renewedAgentToken(token, { natsKey: `K${number}`, hash: `h${number}`, presented: 'h' }, NOW + number);
        const at = NOW + count + later;
        const { agents, changesAtMs } = agentsLetIn([token.spec], clusters, at);
        if (changesAtMs === undefined) return;
        expect(changesAtMs).toBeGreaterThan(at);
        expect(agentsLetIn([token.spec], clusters, changesAtMs - 1).agents).toEqual(agents);
        expect(agentsLetIn([token.spec], clusters, changesAtMs).agents).not.toEqual(agents);
      }),
    );
  });
});
