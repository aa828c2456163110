// `npm start`, also in a fresh clone: installs and builds what is missing, then runs Tidings in this very process, compiled.
import { ensureInstalled, ensurePagesBuilt } from './install-packages.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`tidings: Node.js 20.19 or newer is needed; this is ${process.version}.`);
  process.exit(1);
}
ensureInstalled();
ensurePagesBuilt();
// Only now is there what it imports.
const { compileAllInOne } = await import('./compile.mjs');
const main = await compileAllInOne();
process.setSourceMapsEnabled(true);
await import(main);
