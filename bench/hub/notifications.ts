/** What the benches of notifications share: messages one after another, and the times at which an import's client was notified. */
import { type Channel, openChannel } from '@tidings/client/index.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { createEvent, decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { acceptImport } from '@tidings/testing/connections/requests.ts';
import { contactsFile, percentile } from '../measure.ts';

function report(name: string, milliseconds: readonly number[]): void {
  const [p50, p99] = [percentile(milliseconds, 0.5), percentile(milliseconds, 0.99)];
  console.log(
    `${name}: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms (${milliseconds.length} notifications)`,
  );
}

/** How a bare Socket.IO emit and a publication are timed, and how each is called in the report. */
export interface Comparison {
  readonly rounds: number;
  /** Of each round. */
  readonly messages: number;
  readonly bareName: string;
  readonly publishedName: string;
  /** Sends this many messages; resolves with the milliseconds of each. */
  timeBareEmit(count: number): Promise<number[]>;
  timePublish(count: number): Promise<number[]>;
}

/** Times both in turns, so that a change of the machine's load meets both, and prints p50, p99 and their ratio. */
export async function compareWithBareEmit(comparison: Comparison): Promise<void> {
  const { rounds, messages } = comparison;
  const [bare, published]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(...(await comparison.timeBareEmit(messages)));
    published.push(...(await comparison.timePublish(messages)));
  }
  report(comparison.bareName, bare);
  report(comparison.publishedName, published);
  const ratio = (share: number) => (percentile(published, share) / percentile(bare, share)).toFixed(1);
  console.log(
    `ratio to the bare emit: p50 ${ratio(0.5)}, p99 ${ratio(0.99)} (${rounds} rounds of ${messages})`,
  );
}

/** Sends each message when the one before has arrived, so that nothing queues. Returns the milliseconds of each. */
export async function timeOneByOne(
  count: number,
  send: (index: number) => void,
  arrived: () => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const arrival = arrived();
    const start = performance.now();
    send(index);
    await arrival;
    times.push(performance.now() - start);
  }
  return times;
}

/** Resolves with the channel's next notification. */
export function nextOn(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    const end = channel.onNotification(() => {
      end();
      resolve();
    });
  });
}

export function makeEvent(index: number) {
  return createEvent({ type: 'bench.message', subject: `subject-${index}`, data: { index }, version: index });
}

export interface WatchedImport {
  readonly importId: string;
  /** By version: when each progress snapshot came, in milliseconds since 1970. */
  readonly progress: ReadonlyMap<number, number>;
  /** When the outcome came, in milliseconds since 1970. */
  readonly endedAt: number;
}

/** Imports so many rows, and resolves at the outcome. */
export async function watchImport(url: string, rows: number): Promise<WatchedImport> {
  const channel = openChannel({ url });
  await channel.ready();
  const watched = watch(channel);
  const { channelId = '', token = '' } = channel.credentials ?? {};
  const fields = { channelId, channelToken: token };
  const { importId } = await acceptImport(url, { file: contactsFile(rows), fields });
  const endedAt = await watched.ended;
  channel.close();
  return { importId, progress: watched.progress, endedAt };
}

function watch(channel: Channel) {
  const progress = new Map<number, number>();
  const ended = new Promise<number>((resolve) => {
    channel.onNotification(({ lane, version = 0, final }: Notification) => {
      if (lane === 'progress') progress.set(version, Date.now());
      if (final === true) resolve(Date.now());
    });
  });
  return { progress, ended };
}

/** Milliseconds from each chunk's report to the snapshot that includes it, by this machine's wall clock. */
export async function reportImport(
  log: EventLog,
  { importId, progress, endedAt }: WatchedImport,
): Promise<void> {
  const reports = await readReports(log, importId);
  const delays = [...progress].flatMap(([version, at]) => {
    const reportedAt = reports.get(version);
    return reportedAt === undefined ? [] : [at - reportedAt];
  });
  report('chunk committed → progress in a client', delays);
  console.log(`last chunk committed → outcome in a client: ${endedAt - Math.max(...reports.values())} ms`);
}

/** When each chunk was reported, by the offset of its command, which is the version of the snapshot that includes it. */
async function readReports(log: EventLog, importId: string): Promise<Map<number, number>> {
  const reports = new Map<number, number>();
  for await (const records of log.read({ topic: topics.commands, from: 'earliest', follow: false })) {
    for (const { key, offset, value } of records) {
      const event = decodeEvent(value);
      if (key === importId && event.type === 'chunk.completed')
        reports.set(offset, Date.parse(event.occurredAt));
    }
  }
  return reports;
}
