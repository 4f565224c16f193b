/** Build step: writes generated/schemas.json and generated/descriptions.json. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { DESCRIPTIONS_FILE, SCHEMAS_FILE } from '../generated-files.js';
import { generate } from './generate.js';

const { schemas, descriptions } = await generate();
write(SCHEMAS_FILE, schemas);
write(DESCRIPTIONS_FILE, descriptions);

/** Renamed into place, so that no reader sees half a file. */
function write(file: URL, content: unknown): void {
  mkdirSync(new URL('.', file), { recursive: true });
  const draft = new URL(`${file.href}.${process.pid}`);
  writeFileSync(draft, JSON.stringify(content));
  renameSync(draft, file);
}
