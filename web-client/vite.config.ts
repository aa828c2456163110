import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';

/** The rooms of `words/` by their languages. English comes with the pages. */
const wordsOf = { german: 'de', ukrainian: 'uk', spanish: 'es', chinese: 'zh' };

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
    // Tells the services which files hold the words of a language (`jobs-service/http/early-words.ts`).
    manifest: true,
    target: 'es2022',
    // Those that know `AbortSignal.any` know `light-dark()`, too.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // One file of all that the first visit needs, and one of the words of each further language: browsers fetch six at once without
      // HTTP/2, and a phone waits long for each round.
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'], priority: 1 },
            ...Object.entries(wordsOf).map(([room, tag]) => ({
              name: `words-${tag}`,
              test: new RegExp(`/words/${room}/(?!contacts\\.ts|support\\.ts)`),
            })),
          ],
        },
      },
    },
  },
});
