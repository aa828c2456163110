import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';

/**
 * One document, hashed assets. Nothing is inlined, so that the pages run under a policy of `default-src 'self'`.
 * Each file of text is compressed here, once and as far as it goes, so that no server does it for each request.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [
    compression({ algorithms: ['brotliCompress', 'gzip'], include: /\.(html|css|js|svg)$/, threshold: 512 }),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    // Those that know `AbortSignal.any` know `light-dark()`, too.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // One file of all that the first visit needs: browsers fetch six at once without HTTP/2, and a phone waits long for each round.
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
    },
  },
});
