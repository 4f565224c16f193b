/**
 * Writes the reference of the commands: `node dist/reference.cjs markdown FILE`, `node dist/reference.cjs man DIRECTORY`. Made with the
 * bundle (build.mjs), from the definitions that help and completion are made of.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../commands/index.js';
import { globalOptions, pagesOf } from './command-page.js';
import { manPages } from './man.js';
import { markdownReference } from './markdown.js';

/** Set by build.mjs. */
declare const SKYCTL_VERSION: string;

const [form, target = ''] = process.argv.slice(2);
const pages = pagesOf(COMMANDS);
if (form === 'markdown') writeFileSync(target, markdownReference(pages, globalOptions()));
else {
  mkdirSync(target, { recursive: true });
  for (const { file, text } of manPages(pages, globalOptions(), SKYCTL_VERSION))
    writeFileSync(join(target, file), text);
}
