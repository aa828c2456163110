import { standInFor } from '@tidings/testing/log-stand-in.ts';
import type { EventLog, NewRecord } from '../../event-log.ts';

/** A log that tells each append's steps: `before-` and `after-`, and the kind of each of its records. */
export function stepping(
  log: EventLog,
  kindOf: (record: NewRecord) => string,
  onStep: (step: string) => void,
): EventLog {
  return standInFor(log, {
    append: async (records) => {
      const kinds = records.map(kindOf);
      for (const kind of kinds) onStep(`before-${kind}`);
      const positions = await log.append(records);
      for (const kind of kinds) onStep(`after-${kind}`);
      return positions;
    },
  });
}
