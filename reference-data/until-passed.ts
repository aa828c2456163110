import type { EventLog } from '@tidings/event-log/event-log.ts';
import { passedPartitions } from '@tidings/event-log/passed-ends.ts';
import { pause, pauseAfter } from '@tidings/failures/retry.ts';

/** Between two looks, each of which asks the log for positions. */
const pauses = { firstMs: 10, longestMs: 250 };

/** Resolves when the group has behind it all that stands on the topic at the call, however long that takes. Rejects as `read` does. */
export async function untilPassed(log: EventLog, group: string, topic: string): Promise<void> {
  const ends = new Map((await log.endOffsets(topic)).entries());
  for (let looks = 1; (await passedPartitions(log, group, topic, ends)).size < ends.size; looks += 1)
    await pause(pauseAfter(looks, pauses));
}
