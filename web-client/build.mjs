// Builds the pages, and beside them the script of the element that stands in pages of others.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { writeElement } from './embed/build-element.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
await build({ configFile: `${folder}vite.config.ts`, logLevel: 'warn' });
await writeElement(`${folder}dist/embed`);
