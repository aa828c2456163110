import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * One document, hashed assets. Nothing is inlined, so that the pages run under a policy of `default-src 'self'`.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
});
