import type { EventLog } from '@tidings/event-log/event-log.ts';

/** A log that does what the given one does, but for the methods that a test changes. */
export function standInFor(log: EventLog, changes: Partial<EventLog>): EventLog {
  return new Proxy(log, {
    get(target, name) {
      const own: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
