// Imported into a hub by NODE_OPTIONS, which does not allow `--cpu-prof`: writes a CPU profile of the whole process as it ends.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
process.on('exit', () => {
  // On the session's own thread the answer comes before `post` returns.
  session.post('Profiler.stop', (_error, { profile }) => {
    const folder = process.env.PROFILE_FOLDER ?? '.';
    writeFileSync(join(folder, `hub-${process.pid}.cpuprofile`), JSON.stringify(profile));
  });
});
