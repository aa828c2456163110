/** What every engine says of topics that exist otherwise than asked: each topic, each difference, in one line. */
import { EventLogError } from '../event-log.ts';

type Settings = Readonly<Record<string, string | number | undefined>>;

/** null where all that was asked for is so. */
export function differenceOf(topic: string, is: Settings, asked: Settings): string | null {
  const differences = Object.keys(asked)
    .filter((setting) => is[setting] !== asked[setting])
    .map((setting) => `${setting} is ${is[setting] ?? 'not set'}, not ${asked[setting] ?? 'unset'}`);
  return differences.length === 0 ? null : `Topic ${topic} exists otherwise: ${differences.join('; ')}.`;
}

/** @throws EventLogError `topic_mismatch` naming every topic of which `differenceOf` had something to say */
export function requireNoDifference(found: readonly (string | null)[]): void {
  const differences = found.filter((difference) => difference !== null);
  if (differences.length > 0) throw new EventLogError('topic_mismatch', differences.join(' '));
}
