/**
 * `npm run rebuild-projection`: builds the projection of ended imports anew, from the log, and puts it in the place of the running one. At scale
 * imports run meanwhile; on one machine the server is stopped before, because one process holds the folder.
 *
 *     --compare          only compares the two
 *     --take-different   takes the rebuilt content also where the two differ
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  openEmbeddedContactStore,
  openPostgresContactStore,
} from '@tidings/contact-store/open-contact-store.ts';
import type { RebuildComparison } from '@tidings/contact-store/projection-rebuild.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import { ConfigError } from '@tidings/service-kit/config/config.ts';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { createLogger } from '@tidings/service-kit/process/logging.ts';
import { readRebuildConfig } from './config.ts';
import { type RebuildProgress, rebuildProjection } from './rebuild-projection.ts';

const { values } = parseArgs({
  options: { compare: { type: 'boolean' }, 'take-different': { type: 'boolean' } },
});

try {
  const { log, contactStore } = await openEngines();
  try {
    const parts = { log, contactStore, switches: !values.compare, onProgress: showProgress() };
    showComparison(await rebuildProjection(parts, values['take-different']));
  } finally {
    await contactStore.close();
    await log.close();
  }
} catch (error) {
  for (const mistake of mistakesOf(error)) console.error(`rebuild-projection: ${mistake}`);
  process.exitCode = 1;
}

async function openEngines(): Promise<{ readonly log: EventLog; readonly contactStore: ContactStore }> {
  const config = readRebuildConfig(process.env);
  const logger = createLogger('rebuild-projection', config.LOG_LEVEL);
  if (config.isAtScale) {
    const log = await openKafkaLog({ ...kafkaSettings(config), logger });
    const applicationName = 'tidings-rebuild-projection';
    const store = { url: config.DATABASE_URL, connections: 2, applicationName, logger };
    return { log, contactStore: await openPostgresContactStore(store) };
  }
  const directory = resolve(config.DATA_DIR);
  // Its lock comes first: it keeps a second process out of the folder.
  const log = await openEmbeddedLog({ directory: join(directory, 'log'), logger });
  return { log, contactStore: await openEmbeddedContactStore(join(directory, 'contacts')) };
}

function mistakesOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.mistakes;
  if (codeOf(error) === 'log_in_use')
    return ['the server uses DATA_DIR: stop it, and start it again afterwards'];
  return [error instanceof Error ? error.message : String(error)];
}

/** A line for each tenth of the way. */
function showProgress(): (progress: RebuildProgress) => void {
  let shown = -1;
  return ({ read, total, projected }) => {
    const tenths = total === 0 ? 10 : Math.floor((10 * read) / total);
    if (tenths === shown) return;
    shown = tenths;
    console.log(`${read} of ${total} commands read, ${projected} ended states written`);
  };
}

function showComparison({
  rebuilt,
  same,
  different,
  goneOn,
  behind,
  missing,
  copied,
}: RebuildComparison): void {
  console.log(`${rebuilt} imports were rebuilt from the log:
  ${same} are the same as in the running projection
  ${different} have the same version and another content
  ${goneOn} have gone on meanwhile: the newer state of the running projection is kept
  ${behind} are newer than in the running projection
  ${missing} are not in the running projection
${copied} imports are in the running projection alone, because they are older than the log or ended just now: they are copied, and not compared
${values.compare ? 'Nothing was changed.' : 'The rebuilt projection is the running one now.'}`);
}
