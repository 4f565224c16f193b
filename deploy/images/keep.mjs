/**
 * Copies what runs out of a built checkout, with the list of the packages that it is made of (SBOM) and their licences:
 * `npm query "*" | node deploy/images/keep.mjs TO EPOCH`, from the root.
 *
 * Programs are bundled (ADR 39), so of node_modules only what they load when they need it is left: @vercel/nft follows their imports file by file.
 */
import { nodeFileTrace } from '@vercel/nft';
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, cwd, stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { packagesOf } from '../../tools/bundled-packages.mjs';
import { sbomOf } from './sbom.mjs';

const [, , to, epoch = '0'] = argv;
const root = cwd();

const SCRIPTS = ['deploy/compose/k3s-kubeconfig.mjs', 'deploy/compose/remote.mjs', 'deploy/compose/setup.mjs'];
/** What is found by its path, not by an import. */
const BY_PATH = [
  'apps/skyctl/bin',
  'apps/skyctl/dist',
  // apps/api-gateway/src/console/console-files.ts, which finds the folder by the package.
  'apps/console/dist',
  'apps/console/package.json',
  'node_modules/@skyflow/console',
  // libs/kube-schema/src/generated-files.ts
  'libs/kube-schema/generated',
  // apps/api-gateway/src/docs/docs.controller.ts
  'node_modules/swagger-ui-dist',
];
const LICENCE = /^(licen[cs]e|notice|copying)/i;

const bundles = readdirSync('apps').map((app) => {
  const dist = `apps/${app}/dist`;
  return { dist, ...JSON.parse(readFileSync(join(dist, 'bundled.json'), 'utf8')) };
});
const programs = bundles.flatMap(({ dist, programs: names }) => names.map((name) => join(dist, name)));
const { fileList } = await nodeFileTrace([...programs, ...SCRIPTS], { base: root, conditions: ['node'] });
const kept = [...fileList].sort();
for (const path of kept) keep(path, join(to, path));
for (const path of BY_PATH)
  cpSync(path, join(to, path), { recursive: true, verbatimSymlinks: true, filter: isForRunning });
copyFileSync('deploy/images/healthcheck.mjs', join(to, 'healthcheck.mjs'));

const paths = [...kept, ...BY_PATH.map((path) => join(path, 'any'))];
const inside = new Set([
  ...bundles.flatMap(({ packages }) => packages),
  ...packagesOf(paths.map((path) => join(root, path))),
]);
const packages = JSON.parse(await text(stdin)).filter(({ location }) => inside.has(location));
writeFileSync(join(to, 'sbom.cdx.json'), sbomOf(packages, Number(epoch)));
for (const { name, version, location } of packages) keepLicences(location, join(to, 'licences', `${name}@${version}`));

function keep(from, path) {
  mkdirSync(dirname(path), { recursive: true });
  const isLink = lstatSync(from).isSymbolicLink();
  if (isLink && !existsSync(path)) symlinkSync(readlinkSync(from), path);
  if (!isLink) copyFileSync(from, path);
}

function isForRunning(path) {
  return !/\.(map|md|d\.[cm]?ts)$/.test(path);
}

function keepLicences(folder, target) {
  for (const name of readdirSync(folder).filter((entry) => LICENCE.test(entry))) {
    if (lstatSync(join(folder, name)).isFile()) keep(join(folder, name), join(target, name));
  }
}
