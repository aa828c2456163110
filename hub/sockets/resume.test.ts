import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Notification } from '@tidings/contracts/notification.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { publish, startHub, WireClient } from '@tidings/testing/hub.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { randomNumbers, seedOf } from '@tidings/testing/random.ts';
import { expect, test } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';

const random = randomNumbers(seedOf('RESUME_SEED'));

/** A history whose openings take a random number of turns of the event loop, before and after they are answered. */
class SlowHistory extends MemoryHistory {
  override async open(...call: Parameters<MemoryHistory['open']>) {
    await turns(Math.floor(random() * 8));
    const opened = await super.open(...call);
    await turns(Math.floor(random() * 8));
    return opened;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

test('answer and stream together have no gap and no reordering, whatever is published during an opening', async () => {
  const log = await openTestLog();
  const { url } = await startHub({
    log,
    history: new SlowHistory(),
    limits: { messagesPerSocketMinute: 1_000 },
  });
  const first = new WireClient(url);
  const { channelId, token, epoch } = await first.open();
  const total = 200;
  const publishing = (async () => {
    for (let index = 0; index < total; index += 1) {
      await publish(
        log,
        { channelId, version: index * 2 },
        { channelId, lane: 'progress', version: index * 2 + 1 },
      );
    }
  })();
  const openings = [];
  for (let number = 0; number < 40; number += 1) {
    const known = Math.max(0, (first.seqs().at(-1) ?? 0) - (number % 7));
    const position = number % 4 === 0 ? {} : { epoch, seq: known };
    const client = new WireClient(url);
    const opened = await client.open({ channelId, token, ...position });
    openings.push({ client, opened, known: 'seq' in position ? known : null });
  }
  await publishing;
  for (const { client, opened, known } of openings) {
    expect(opened.recovered).toBe(known !== null);
    await eventually(() =>
      expect(client.seqs().at(-1) ?? opened.snapshot.durable.at(-1)?.seq ?? known).toBe(total),
    );
    const durable = [...opened.snapshot.durable, ...client.notifications].filter(
      ({ lane }) => lane === 'durable',
    );
    const fresh = firstOccurrences(durable);
    const from = known ?? 0;
    expect(fresh).toEqual(Array.from({ length: total - from }, (_, index) => from + index + 1));
    await eventually(() => expect(newestProgress(client, opened.snapshot.progress)).toBe(total * 2 - 1));
  }
});

test('a channel that is opened again on the same socket continues', async () => {
  const log = await openTestLog();
  const { url } = await startHub({ log, history: new SlowHistory() });
  const client = new WireClient(url);
  const { channelId, token, epoch } = await client.open();
  const publishing = (async () => {
    for (let index = 0; index < 100; index += 1) await publish(log, { channelId });
  })();
  for (let number = 0; number < 20; number += 1) {
    const seq = client.seqs().at(-1) ?? 0;
    expect(await client.open({ channelId, token, epoch, seq })).toMatchObject({ recovered: true });
  }
  await publishing;
  await eventually(() => expect(client.seqs().at(-1)).toBe(100));
  expect(firstOccurrences(client.notifications)).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 1),
  );
});

/** Numbers in the order of their first occurrence. */
function firstOccurrences(notifications: readonly Notification[]): (number | undefined)[] {
  return [...new Set(notifications.map(({ seq }) => seq))];
}

function newestProgress(client: WireClient, snapshot: readonly Notification[]): number {
  const progress = [...snapshot, ...client.notifications].filter(({ lane }) => lane === 'progress');
  return Math.max(...progress.map(({ version = 0 }) => version));
}
