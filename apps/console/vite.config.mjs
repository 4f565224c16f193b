/** One page, its script and its style, all below /console/: the gateway serves them with a policy that allows nothing else. */
import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { writeBundled } from '../../tools/bundled-packages.mjs';

const dist = join(import.meta.dirname, 'dist');
const modules = new Set();

/** Notes what the page and its workers are made of. */
const noteModules = () => ({
  name: 'note-modules',
  buildEnd() {
    for (const id of this.getModuleIds()) modules.add(id.replace(/^\0/, '').replace(/\?.*$/, ''));
  },
});

const listPackages = () => ({
  name: 'list-packages',
  writeBundle() {
    writeBundled(dist, { programs: [], paths: modules });
  },
});

export default defineConfig({
  base: '/console/',
  plugins: [react(), noteModules(), listPackages()],
  worker: { plugins: () => [noteModules()] },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Nothing is inlined: the policy forbids data: URLs in scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
