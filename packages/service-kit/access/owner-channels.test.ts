import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { EventLogError } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { forgetOwnerChannels, openOwnerChannels } from './owner-channels.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function open(log: EventLog, options: { now?: () => number; maxChannels?: number } = {}) {
  const channels = await openOwnerChannels({ log, logger: silentLogger, ...options });
  onTestFinished(() => channels.close());
  const ids = (owner: string) => channels.list(owner).map(({ channelId }) => channelId);
  return Object.assign(channels, { ids });
}

/** What is listed on the log: keys whose newest record has a value. */
async function listedKeys(log: EventLog): Promise<string[]> {
  const newest = new Map((await readAll(log, topics.ownerChannels)).map(({ key, value }) => [key, value]));
  return [...newest].flatMap(([key, value]) => (value === null ? [] : [key]));
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `c${from + index}`);

test('the channels of an owner are listed by every process, the newest first, and after a restart', async () => {
  const log = await openTestLog();
  const [one, two] = [await open(log), await open(log)];
  for (const channelId of ['a', 'b', 'c']) await one.add('mira', channelId);
  await two.add('noor/mira', 'd');
  await two.add('mira', 'e');
  for (const each of [one, two]) {
    await eventually(() => expect(each.ids('mira')).toEqual(['e', 'c', 'b', 'a']));
    expect(each.ids('noor/mira')).toEqual(['d']);
    expect(each.ids('noor')).toEqual([]);
  }
  const later = await open(log);
  expect(later.list('mira')).toEqual(one.list('mira'));
});

test('only the 20 newest of an owner stay on the list and in the log', async () => {
  const log = await openTestLog();
  const channels = await open(log);
  await channels.add('noor', 'other');
  for (const channelId of numbered(1, 25)) {
    await channels.add('mira', channelId);
    await eventually(() => expect(channels.ids('mira')[0]).toBe(channelId));
  }
  expect(channels.ids('mira')).toEqual(numbered(6, 25).reverse());
  expect((await listedKeys(log)).toSorted()).toEqual(
    ['noor/other', ...numbered(6, 25).map((channelId) => `mira/${channelId}`)].toSorted(),
  );
});

test('after seven days a channel is listed no longer, and the sweep removes it', async () => {
  const log = await openTestLog();
  let now = Date.now();
  const channels = await open(log, { now: () => now });
  await channels.add('mira', 'old');
  await eventually(() => expect(channels.ids('mira')).toEqual(['old']));
  await channels.sweep();
  expect(await listedKeys(log)).toEqual(['mira/old']);
  now += 7 * DAY_MS + 60_000;
  expect(channels.ids('mira')).toEqual([]);
  await channels.sweep();
  expect(await listedKeys(log)).toEqual([]);
});

test('with too many channels of all owners, the oldest are removed', async () => {
  const log = await openTestLog();
  const channels = await open(log, { maxChannels: 3 });
  for (const owner of numbered(1, 8)) {
    await channels.add(owner, 'channel');
    await eventually(() => expect(channels.ids(owner)).toEqual(['channel']));
  }
  await eventually(() => expect(channels.ids('c4')).toEqual([]));
  expect((await listedKeys(log)).length).toBeLessThanOrEqual(4);
  expect(channels.ids('c8')).toEqual(['channel']);
});

test('an owner who is erased has no list, and all others keep theirs', async () => {
  const log = await openTestLog();
  const channels = await open(log);
  for (const channelId of ['a', 'b']) await channels.add('mira', channelId);
  await channels.add('mira/x', 'c');
  await eventually(() => expect(channels.ids('mira/x')).toEqual(['c']));
  expect(await forgetOwnerChannels(log, 'mira')).toBe(2);
  expect(await forgetOwnerChannels(log, 'mira')).toBe(0);
  await eventually(() => expect(channels.ids('mira')).toEqual([]));
  expect(channels.ids('mira/x')).toEqual(['c']);
});

test('a channel that the log does not take in the background is not listed, and the next one is', async () => {
  const log = await openTestLog();
  let isAway = true;
  const shaky = standInFor(log, {
    append: async (records) => {
      if (isAway) throw new EventLogError('log_unavailable', 'away');
      return log.append(records);
    },
  });
  const channels = await open(shaky);
  channels.addSoon('mira', 'lost');
  isAway = false;
  channels.addSoon('mira', 'kept');
  await eventually(() => expect(channels.ids('mira')).toEqual(['kept']));
});
