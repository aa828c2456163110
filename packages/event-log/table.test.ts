import { eventually } from '@tidings/testing/eventually.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, it, onTestFinished } from 'vitest';
import { record, text } from './conformance/fixtures.ts';
import { openEmbeddedLog } from './embedded/embedded-log.ts';
import { type EventLog, EventLogError, type LogRecord } from './event-log.ts';
import { openTable, type ValueRecord } from './table.ts';

const topic = 'table';
const decode = ({ value }: ValueRecord): number => {
  const number = Number(text(value));
  if (Number.isNaN(number)) throw new Error('not a number');
  return number;
};

async function open(): Promise<EventLog> {
  const directory = await temporaryFolder();
  const log = await openEmbeddedLog({ directory, maintenanceIntervalMs: 10, tombstoneRetentionMs: 0 });
  onTestFinished(() => log.close());
  await log.ensureTopics([{ name: topic, partitions: 3, cleanup: 'compact' }]);
  return log;
}

it('skips records that it cannot decode, and reports them', async () => {
  const log = await open();
  await log.append([record(topic, 'a', '1'), record(topic, 'b', 'bad')]);
  const errors: [unknown, string | undefined][] = [];
  const onError = (error: unknown, bad?: LogRecord) => void errors.push([error, bad?.key]);
  const table = await openTable({ log, topic, decode, onError });
  await log.append([record(topic, 'a', 'worse')]);
  await log.append([record(topic, 'a', '2')]);
  await eventually(() => expect(table.get('a')).toBe(2));
  expect([...table.entries()]).toEqual([['a', 2]]);
  expect(errors).toMatchObject([
    [{ message: 'not a number' }, 'b'],
    [{ message: 'not a number' }, 'a'],
  ]);
  await table.close();
});

// Listeners behind it were left out, and whoever caught up got its error. A revocation of tokens then reached no socket. Later its
// record was named, so that services said that a record was skipped which the table holds.
it('calls every listener, also behind one that throws', async () => {
  const log = await open();
  const errors: [unknown, string | undefined][] = [];
  const onError = (error: unknown, record?: LogRecord) => void errors.push([error, record?.key]);
  const table = await openTable({ log, topic, decode, onError });
  const heard: string[] = [];
  table.onChange((key) => {
    throw new Error(`no ${key}`);
  });
  table.onChange((key) => void heard.push(key));
  await log.append([record(topic, 'a', '1'), record(topic, 'b', '2')]);
  await table.catchUp();
  expect([...heard].sort()).toEqual(['a', 'b']);
  expect([...table.entries()].sort()).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  const said = errors.map(([error, key]) => [key, error instanceof Error ? String(error.cause) : '']);
  expect(said.sort()).toEqual([
    [undefined, 'Error: no a'],
    [undefined, 'Error: no b'],
  ]);
  await table.close();
});

it('goes on where it was after an interruption', async () => {
  const log = await open();
  await log.append([record(topic, 'a', '1')]);
  let interruptions = 2;
  const interrupted: EventLog = Object.assign(Object.create(log), {
    read: (options: Parameters<EventLog['read']>[0]) => {
      if (!options.follow || interruptions === 0) return log.read(options);
      interruptions -= 1;
      throw new EventLogError('log_unavailable', 'away');
    },
  });
  const errors: unknown[] = [];
  const table = await openTable({
    log: interrupted,
    topic,
    decode,
    onError: (error) => void errors.push(error),
  });
  await log.append([record(topic, 'b', '2')]);
  await eventually(() => expect(table.get('b')).toBe(2));
  expect(errors).toHaveLength(2);
  await table.close();
});

it('ends quietly with its log, and stops following when it is closed', async () => {
  const log = await open();
  const table = await openTable({ log, topic, decode });
  const closed = await openTable({ log, topic, decode });
  await closed.close();
  await log.append([record(topic, 'a', '1')]);
  await eventually(() => expect(table.get('a')).toBe(1));
  expect(closed.size).toBe(0);
  await log.close();
  await table.close();
  await expect(openTable({ log, topic, decode })).rejects.toMatchObject({ code: 'log_closed' });
});

it('catches up by itself where it cannot follow, and tells of each record once', async () => {
  const log = await open();
  const interrupted: EventLog = Object.assign(Object.create(log), {
    read: (options: Parameters<EventLog['read']>[0]) => {
      if (!options.follow) return log.read(options);
      throw new EventLogError('log_unavailable', 'away');
    },
  });
  const table = await openTable({ log: interrupted, topic, decode, onError: () => undefined });
  const told: [string, number | undefined][] = [];
  table.onChange((key, value) => void told.push([key, value]));
  await log.append([record(topic, 'a', '1'), record(topic, 'a', null), record(topic, 'a', '2')]);
  await Promise.all([table.catchUp(), table.catchUp()]);
  expect(told).toEqual([
    ['a', 1],
    ['a', undefined],
    ['a', 2],
  ]);
  await table.close();
});

it('says since when a record waits that it cannot follow, and asks no log that is away', async () => {
  const log = await open();
  let isAway = false;
  const interrupted: EventLog = Object.assign(Object.create(log), {
    endOffsets: (name: string) => {
      if (isAway) throw new EventLogError('log_unavailable', 'away');
      return log.endOffsets(name);
    },
    read: (options: Parameters<EventLog['read']>[0]) => {
      if (!options.follow) return log.read(options);
      throw new EventLogError('log_unavailable', 'away');
    },
  });
  const table = await openTable({ log: interrupted, topic, decode, onError: () => undefined });
  const [first] = await log.append([record(topic, 'a', '1')]);
  await log.append([record(topic, 'b', '1')]);
  expect(await table.lag()).toEqual({ records: 2, since: first?.timestamp });
  expect(table.size).toBe(0);
  isAway = true;
  await expect(table.lag()).rejects.toMatchObject({ code: 'log_unavailable' });
  isAway = false;
  await table.catchUp();
  expect(await table.lag()).toEqual({ records: 0, since: null });
  await table.close();
});
