/**
 * Makes of `npm query "*"` (standard input) the list of what an image holds, as CycloneDX 1.6 in JSON. Not npm's own `npm sbom`, which
 * leaves out what workspaces have in common with tools of development. Equal packages give equal bytes: node sbom.mjs EPOCH.
 */
import { Buffer } from 'node:buffer';
import { argv, stdin, stdout } from 'node:process';

const packages = JSON.parse(await text(stdin)).filter(({ name, version, location }) => name && version && location);
const components = packages
  .map(({ name, version, license, integrity }) => ({
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(typeof license === 'string' ? { licenses: [{ expression: license }] } : {}),
    ...(integrity?.startsWith('sha512-')
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] }
      : {}),
  }))
  .sort((a, b) => (a.purl < b.purl ? -1 : 1));

const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: {
    timestamp: new Date(Number(argv[2] ?? 0) * 1_000).toISOString(),
    component: { type: 'container', name: 'skyflow/control-plane' },
  },
  components,
};
stdout.write(`${JSON.stringify(sbom, undefined, 1)}\n`);

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
