import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { refuseToAbandon } from './built-clusters.js';

const path = mkdtempSync(join(tmpdir(), 'skyflow-purge-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));
const write = (text: string): void => {
  mkdirSync(join(path, 'provisioner'), { recursive: true });
  writeFileSync(join(path, 'provisioner', 'built.json'), text);
};

describe('removing all data', () => {
  it('is refused while clusters that were built are there, with their machines and the way out', () => {
    expect(() => refuseToAbandon({ path })).not.toThrow();
    write('{"clusters":[]}');
    expect(() => refuseToAbandon({ path })).not.toThrow();
    const rented = { name: 'm', driver: 'aws', providerId: 'i-1', region: 'eu-west-1' };
    write(
      JSON.stringify({
        clusters: [{ name: 'prod', machines: [rented, { name: 'h', driver: 'static', host: '10.0.0.5:22' }] }],
      }),
    );
    expect(() => refuseToAbandon({ path })).toThrow(
      /prod: i-1 \(aws eu-west-1\), 10\.0\.0\.5:22[^]*--abandon-clusters/,
    );
  });

  it('is refused when nobody can say', () => {
    write('{');
    expect(() => refuseToAbandon({ path })).toThrow(/cannot be read/);
  });
});
