/** The services as a page sees them: a real hub on a real log, and an API that answers as the test says. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, type RunningHub, startHub } from '@tidings/testing/services/hub.ts';
import type { ServicesAddress } from '../shell/services/services-address.ts';
import { type StubApi, startStubApi } from './stub-api.ts';

export interface TestServices {
  readonly log: EventLog;
  readonly hub: RunningHub;
  readonly api: StubApi;
  readonly address: ServicesAddress;
  /** Publishes durable notifications of an import's states, each with the type named first. */
  tell(
    channelId: string,
    ...notifications: readonly (readonly [type: string, state: ImportState])[]
  ): Promise<void>;
}

export async function startServices(): Promise<TestServices> {
  const log = await openTestLog();
  const hub = await startHub({ log });
  const api = await startStubApi();
  return {
    log,
    hub,
    api,
    address: { hubUrl: hub.url, apiUrl: api.url },
    tell: (channelId, ...notifications) =>
      publish(
        log,
        ...notifications.map(([type, state]) => ({
          channelId,
          type,
          subject: `import:${state.importId}`,
          version: state.version,
          data: state,
        })),
      ),
  };
}
