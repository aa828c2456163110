// `npm run types`: checks the three projects at once, and what has changed since the last time alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiler = join(root, 'node_modules', '.bin', 'tsc');
const projects = ['.', 'web-client', 'e2e'];

const codes = await Promise.all(
  projects.map(async (project) => {
    const state = join(root, 'node_modules/.cache/tidings', `types-${project.replace('.', 'root')}.json`);
    const words = ['-p', project, '--incremental', '--tsBuildInfoFile', state, '--pretty'];
    const [code] = await once(spawn(compiler, words, { cwd: root, stdio: 'inherit' }), 'exit');
    return code;
  }),
);
process.exit(codes.every((code) => code === 0) ? 0 : 1);
