import { join } from 'node:path';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { describeEventLog } from '../conformance/describe-event-log.ts';
import type { ConformanceSite } from '../conformance/engine.ts';
import type { EventLog } from '../event-log.ts';
import { embeddedCrashPoints } from './crash-points.ts';
import { openEmbeddedLog } from './embedded-log.ts';
import { clientOf, hasCallerEnded } from './test/client.ts';

const entry = join(import.meta.dirname, 'test/conformance-child.ts');

async function create(): Promise<ConformanceSite> {
  const { path: directory, remove } = await makeFolder();
  let last: EventLog | null = null;
  return {
    async open() {
      last = await openEmbeddedLog({
        directory,
        maintenanceIntervalMs: 20,
        tombstoneRetentionMs: 0,
        hasCallerEnded,
      });
      return last;
    },
    async connect() {
      if (!last) throw new Error('The log is not open.');
      const { log, cut } = clientOf(last);
      return { log, cut: async () => cut() };
    },
    child: { entry, settings: directory },
    dispose: remove,
  };
}

describeEventLog('embedded', {
  create,
  features: {
    exclusive: true,
    compactsPromptly: true,
    movesWithoutRedelivery: true,
    crashRounds: 200,
    crashPoints: embeddedCrashPoints,
  },
});
