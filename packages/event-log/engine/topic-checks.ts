/** What every engine checks of a topic that is asked for, and how it names the differences to one that exists. */
import { EventLogError, type TopicSpecification } from '../event-log.ts';
import { checkName } from './limits.ts';

const maxPartitions = 1000;
export const defaultMaxRecordBytes = 1024 * 1024;

type Settings = Readonly<Record<string, string | number | undefined>>;

/** @throws RangeError for a name or a number of partitions out of range */
export function checkSpecification({ name, partitions }: TopicSpecification): void {
  checkName('topic', name);
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > maxPartitions) {
    throw new RangeError(`Topic ${name}: ${partitions} partitions are not 1 to ${maxPartitions}.`);
  }
}

/** One sentence that names each setting that differs; null where none does. */
export function differenceOf(topic: string, existing: Settings, asked: Settings): string | null {
  const differences = Object.keys(asked)
    .filter((setting) => existing[setting] !== asked[setting])
    .map((setting) => `${setting} is ${existing[setting] ?? 'not set'}, not ${asked[setting] ?? 'unset'}`);
  return differences.length === 0 ? null : `Topic ${topic} exists otherwise: ${differences.join('; ')}.`;
}

/** @throws EventLogError `topic_mismatch` with every difference that `differenceOf` has found */
export function requireNoDifference(found: readonly (string | null)[]): void {
  const differences = found.filter((difference) => difference !== null);
  if (differences.length > 0) throw new EventLogError('topic_mismatch', differences.join(' '));
}
