/** Says in a header of each record which process has written it. */
import { hostname } from 'node:os';
import type { EventLog, NewRecord } from './event-log.ts';

/** Its value is `<service>@<host>:<process id>`. Records of programs that do not sign have none. */
export const PRODUCER_HEADER = 'tidings-producer';

/** The log for one service: whatever it appends, or produces by `process`, bears its name. A record that is moved on keeps the name of who made it. */
export function signedBy(service: string, log: EventLog): EventLog {
  const name = `${service}@${hostname()}:${process.pid}`;
  const sign = (records: readonly NewRecord[]) =>
    records.map((record) => ({ ...record, headers: { [PRODUCER_HEADER]: name, ...record.headers } }));
  return {
    ensureTopics: (specifications) => log.ensureTopics(specifications),
    describeTopic: (topic) => log.describeTopic(topic),
    append: (records) => log.append(sign(records)),
    consume: (options) => log.consume(options),
    process: (options) =>
      log.process({
        ...options,
        async createProcessor(topic, partition) {
          const processor = await options.createProcessor(topic, partition);
          return {
            handle: (records) => processor.handle(records),
            outputs: async () => sign(await processor.outputs()),
          };
        },
      }),
    read: (options) => log.read(options),
    endOffsets: (topic) => log.endOffsets(topic),
    committedOffsets: (group, topic) => log.committedOffsets(group, topic),
    countMembers: (group) => log.countMembers(group),
    purge: (topic, group) => log.purge(topic, group),
    close: () => log.close(),
  };
}

/** The service's part of a producer's name. */
export function serviceOf(producer: string): string {
  return producer.split('@', 1)[0] ?? producer;
}
