import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { encodeBlocked } from '@tidings/event-log/control/blocked-partitions.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { expect, onTestFinished, test } from 'vitest';
import { openUntilFolded } from './until-folded.ts';

const { aggregator: group } = consumerGroups;

/** A log with one command that a former process was blocked by, and a start that waits until it is folded. */
async function start() {
  const log = await openTestLog();
  const [command] = await log.append([{ topic: topics.commands, key: 'k', value: Buffer.from('{}') }]);
  const { partition = 0, offset = 0 } = command ?? {};
  const tellBlocked = () => {
    const error = { code: 'unknown_command', message: 'of a later release' };
    const place = { group, topic: topics.commands, partition, offset, key: 'k' };
    return log.append([encodeBlocked(topics.blocked, { ...place, error, since: 0, attempts: 5 })]);
  };
  await tellBlocked();
  let looks = 0;
  const watched = standInFor(log, {
    committedOffsets: (...place) => {
      looks += 1;
      return log.committedOffsets(...place);
    },
  });
  const untilFolded = await openUntilFolded(watched);
  const stopping = new AbortController();
  let isOver = false;
  const over = untilFolded(stopping.signal).then(() => {
    isOver = true;
  });
  onTestFinished(async () => {
    stopping.abort();
    await over.catch(() => undefined);
  });
  await eventually(() => expect(looks).toBeGreaterThan(2));
  return { log, over, isOver: () => isOver, tellBlocked };
}

// The entry stays until the first commit past it: a release that could read the command started on states of before it, and gave up
// uploads by them.
test('what a former process was blocked by ends no wait, and its fold does', async () => {
  const { log, over, isOver } = await start();
  expect(isOver()).toBe(false);
  const consumer = await log.consume({ group, topics: [topics.commands], handler: async () => undefined });
  onTestFinished(() => consumer.stop());
  await over;
});

test('what this process is blocked by ends the wait', async () => {
  const { over, isOver, tellBlocked } = await start();
  expect(isOver()).toBe(false);
  await tellBlocked();
  await over;
});
