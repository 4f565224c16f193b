import { describe, expect, it } from '@jest/globals';
import { skewOf, skewWarnings } from './skew.js';

const service = (name: string, version: string) => ({ name, version });

describe('the skew of versions', () => {
  it('is a line while there is none, and nothing where nobody says', () => {
    expect(skewOf('1.2.0', [service('a', '1.2.0'), service('b', '1.2.0')])).toEqual(['Services: all 2 are 1.2.0']);
    expect(skewOf('1.2.0', [])).toEqual([]);
  });

  it('says who has which, oldest first', () => {
    const mixed = [
      service('gateway', '1.10.0'),
      service('scheduler', '1.9.0'),
      service('gateway', '1.9.0'),
      service('gateway', '1.10.0'),
    ];
    expect(skewOf('1.10.0', mixed)).toEqual([
      'Services: 2 versions',
      '  1.9.0: scheduler, gateway',
      '  1.10.0: gateway × 2',
    ]);
    expect(skewOf('2.0.0', [service('gateway', '1.9.0')])).toEqual([
      'Services: another version than skyctl',
      '  1.9.0: gateway',
    ]);
  });

  it('tells those of one version apart that work at the level of an older one', () => {
    const services = [
      { ...service('scheduler', '1.2.0'), level: 2 },
      { ...service('gateway', '1.2.0'), level: 1 },
    ];
    expect(skewOf('1.2.0', services)).toEqual([
      'Services: 2 versions',
      '  1.2.0 (level 1): gateway',
      '  1.2.0 (level 2): scheduler',
    ]);
  });

  it('is warned of where more than one minor version lies between', () => {
    const gateway = service('api-gateway', '1.10.3');
    for (const near of ['1.9.0', '1.10.0', '1.11.9', 'dev']) {
      expect([near, skewWarnings(near, [gateway, service('scheduler', near)])]).toEqual([near, []]);
    }
    expect(
      skewWarnings('1.12.0', [gateway, gateway, service('scheduler', '1.8.1'), service('scheduler', '1.10.0')]),
    ).toEqual([
      'version difference between skyctl (1.12.0) and the gateway (1.10.3) exceeds the supported minor version skew of +/-1',
      'version difference between scheduler (1.8.1) and the gateway (1.10.3) exceeds the supported minor version skew of +/-1',
    ]);
    expect(skewWarnings('2.10.3', [gateway])).toHaveLength(1);
    expect(skewWarnings('1.2.0', [service('scheduler', '1.9.0')])).toEqual([]);
  });

  it('has agents by their clusters, some of many, and warns of each that is too far away', () => {
    const agents = Array.from({ length: 10 }, (_, index) => service(`c${index}`, index < 9 ? '1.10.0' : '1.7.0'));
    expect(skewOf('1.10.0', agents.slice(0, 9), 'Agents')).toEqual(['Agents: all 9 are 1.10.0']);
    expect(skewOf('1.10.0', agents, 'Agents')).toEqual([
      'Agents: 2 versions',
      '  1.7.0: c9',
      '  1.10.0: c0, c1, c2, c3, c4, c5, c6, c7 and 1 more',
    ]);
    expect(skewWarnings('1.10.0', [service('api-gateway', '1.10.0')], agents)).toEqual([
      'version difference between the agent of c9 (1.7.0) and the gateway (1.10.0) exceeds the supported minor version skew of +/-1',
    ]);
  });
});
