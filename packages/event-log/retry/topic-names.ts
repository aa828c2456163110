/** The topics beside those that a group consumes with retries. `planTopics` of the contracts plans them under the same names. */

/** Records that wait for their attempt after the nth delay, from 1. */
export function retryTopic(topic: string, group: string, delay: number): string {
  return `${topic}.${group}.retry-${delay}`;
}

/** The group's dead letters of the topic. Compacted; the key is the dead letter's id. */
export function deadLetterTopic(topic: string, group: string): string {
  return `${topic}.${group}.dlq`;
}

/** What the group's members have begun. Compacted; the key is `<topic>/<partition>`. */
export function attemptsTopic(group: string): string {
  return `${group}.attempts`;
}

/** The group that works off the retry topics, beside the one that works off the topics themselves. */
export function retryGroup(group: string): string {
  return `${group}.retry`;
}
