// `npm run engines -- up | down | status`, also in a fresh clone: installs the packages that are missing, then runs the command.
import { ensureInstalled } from '../../../all-in-one/install-packages.mjs';

ensureInstalled();
const { register } = await import('tsx/esm/api');
register();
const { runCli } = await import('./cli.ts');
process.exitCode = await runCli(process.argv.slice(2), console.log);
