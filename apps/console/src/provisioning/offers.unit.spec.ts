import { describe, expect, it } from '@jest/globals';
import { buildLogLines } from '@skyflow/domain';
import { offersOf } from './offers.js';

const offer = { provider: 'aws', region: 'eu-west-1', cpus: 2, memoryGiB: 8 };

describe('offers', () => {
  it('are read from the build log as the domain writes it; the last plan counts', () => {
    const planned = (refused?: string): string[] =>
      buildLogLines(
        {
          type: 'ProvisioningAdvanced',
          v: 1,
          at: 0,
          actor: 'a',
          corr: 'c',
          data: {
            epoch: 1,
            ref: { kind: 'Cluster', name: 'c', uid: 'u' },
            step: {
              type: 'Planned',
              attempt: 1,
              driver: 'rke',
              machines: [],
              podCidr: '10.0.0.0/16',
              serviceCidr: '10.1.0.0/16',
              offers: [
                { ...offer, type: 'm7i.large', hourly: 0.1, ...(refused === undefined ? {} : { refused }) },
                { ...offer, zone: 'eu-west-1a', type: 'm7i.xlarge', hourly: 0.2 },
              ],
            },
          },
        },
        'u',
      );
    expect(offersOf([...planned(), 'anything else', ...planned('no capacity')])).toEqual([
      { what: 'aws eu-west-1 m7i.large, 2 cpus, 8 GiB', price: '0.1000 $/h', verdict: 'no capacity' },
      { what: 'aws eu-west-1a m7i.xlarge, 2 cpus, 8 GiB', price: '0.2000 $/h', verdict: '' },
    ]);
  });

  it('of an earlier plan are not chosen any more, though no later one names them', () => {
    const line = (what: string, verdict: string): string => `# skyflow: offer: ${what}, 0.1000 $/h${verdict}`;
    const lines = [line('a', ': chosen'), line('b', ''), '# skyflow: planned: x', line('b', ': chosen')];
    expect(offersOf(lines).map(({ what, verdict }) => [what, verdict])).toEqual([
      ['a', 'was chosen before, and given up'],
      ['b', 'chosen'],
    ]);
  });
});
