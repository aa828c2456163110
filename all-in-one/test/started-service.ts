import { join } from 'node:path';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { ServiceProcess } from '@tidings/service-kit/process/service-process.ts';
import { copyEmptyContactStore } from '@tidings/testing/empty-contact-store.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { startAllInOne } from '../app.ts';
import { prepareStart } from '../prepare-start.ts';

export interface StartedService {
  readonly url: string;
  /** Stops it, and removes its data. */
  stop(): Promise<void>;
}

/** All of Tidings in this process, on a folder of its own. */
export async function startService(): Promise<StartedService> {
  const folder = await makeFolder();
  await copyEmptyContactStore(join(folder.path, 'contacts'));
  const prepared = await prepareStart({ DATA_DIR: folder.path, PORT: '0', LOG_LEVEL: 'fatal' });
  const plan = { name: 'tidings', readConfig: () => prepared, site: siteOf, start: startAllInOne };
  const service = new ServiceProcess(plan, prepared, silentLogger);
  const stop = async (): Promise<void> => {
    await service.stop();
    await folder.remove();
  };
  try {
    return { url: `http://127.0.0.1:${(await service.start()).port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
