/** Prints npm's SBOM (CycloneDX JSON, `node sbom.mjs FILE EPOCH`) without what differs between two builds of the same sources. */
import { readFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';

const [, , file, epoch] = argv;
const sbom = JSON.parse(readFileSync(file, 'utf8'));
delete sbom.serialNumber;
sbom.metadata.timestamp = new Date(Number(epoch) * 1_000).toISOString();
stdout.write(`${JSON.stringify(sbom, undefined, 1)}\n`);
