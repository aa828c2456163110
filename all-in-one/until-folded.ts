import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { BlockedPartitions } from '@tidings/event-log/control/blocked-partitions.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { passedPartitions } from '@tidings/event-log/passed-ends.ts';
import { pause, pauseAfter } from '@tidings/failures/retry.ts';

/** Between two looks at the aggregator's position. */
const pauses = { firstMs: 10, longestMs: 100 };

/**
 * To be called before the aggregator starts. Returns what waits until every command of before that wait is folded: only then the states show
 * which uploads were being received. Behind a record that blocks its partition nothing is folded before people have seen to it, by
 * routes that this start opens; what was received there ends later. Only what is told from this call on counts: what a former
 * process was blocked by, this release may read.
 */
export async function openUntilFolded(log: EventLog): Promise<(signal: AbortSignal) => Promise<void>> {
  const { aggregator: group } = consumerGroups;
  const topic = topics.commands;
  const blocked = new BlockedPartitions(log, topics.blocked);
  const entryOf = (partition: number) => blocked.get({ group, topic, partition });
  await blocked.refresh();
  const { partitions } = await log.describeTopic(topic);
  const formerEntries = Array.from({ length: partitions }, (_, partition) => entryOf(partition));
  return async (signal) => {
    const ends = new Map((await log.endOffsets(topic)).entries());
    const isOver = async () => {
      const passed = await passedPartitions(log, group, topic, ends);
      const waiting = [...ends.keys()].filter((partition) => !passed.has(partition));
      if (waiting.length === 0) return true;
      await blocked.refresh();
      return waiting.every((partition) => {
        // Each record that is read makes an entry of its own.
        const entry = entryOf(partition);
        return entry !== undefined && entry !== formerEntries[partition];
      });
    };
    for (let looks = 1; !(await isOver()); looks += 1) await pause(pauseAfter(looks, pauses), signal);
  };
}
