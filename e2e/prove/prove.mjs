// `npm run prove`, also in a fresh clone: installs what is missing, then runs the proof in this very process.
import { ensureInstalled, ensurePagesBuilt } from '../../all-in-one/install-packages.mjs';

ensureInstalled();
ensurePagesBuilt();
const { register } = await import('tsx/esm/api');
register();
await import('./main.ts');
