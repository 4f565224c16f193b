/** The list of what an image holds (SBOM), as CycloneDX 1.6 in JSON. */
import { Buffer } from 'node:buffer';

/**
 * Equal packages give equal text.
 * @param {{ name: string, version: string, license?: unknown, integrity?: string }[]} packages as `npm query` has them
 * @param {number} epoch of the image, in seconds
 */
export function sbomOf(packages, epoch) {
  const components = packages.map(componentOf).sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1_000).toISOString(),
      component: { type: 'container', name: 'skyflow/control-plane' },
    },
    components,
  };
  return `${JSON.stringify(sbom, undefined, 1)}\n`;
}

function componentOf({ name, version, license, integrity }) {
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(typeof license === 'string' ? { licenses: [{ expression: license }] } : {}),
    ...(integrity?.startsWith('sha512-')
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] }
      : {}),
  };
}
