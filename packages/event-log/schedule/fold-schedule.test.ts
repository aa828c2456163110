import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogRecord, NewRecord } from '../event-log.ts';
import { DueQueue } from './due-queue.ts';
import { foldSchedule, SCHEDULE_DUE_HEADER } from './fold-schedule.ts';
import {
  cancelSchedule,
  decodeSchedule,
  decodeScheduleCommand,
  encodeSchedule,
  encodeScheduleCommand,
  moveSchedule,
  type Schedule,
  scheduleEvery,
  scheduleOnce,
} from './schedule-records.ts';

const keys = ['a', 'b', 'c'];
const step = fc.oneof(
  fc.record({ once: fc.constantFrom(...keys), inMs: fc.integer({ min: -5_000, max: 20_000 }) }),
  fc.record({ every: fc.constantFrom(...keys), ms: fc.constantFrom(1_000, 3_000) }),
  fc.record({ moved: fc.constantFrom(...keys), inMs: fc.integer({ min: -5_000, max: 20_000 }) }),
  fc.record({ cancelled: fc.constantFrom(...keys) }),
  fc.record({ passes: fc.integer({ min: 0, max: 8_000 }) }),
  fc.record({ jumps: fc.integer({ min: -20_000, max: 20_000 }) }),
  fc.record({ restarts: fc.constant(true) }),
  fc.record({ strangersTell: fc.constantFrom(...keys) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** The expected states: which schedule is due when, and what was delivered. */
class Model {
  readonly schedules = new Map<
    string,
    { dueAt: number; everyMs: number | null; order: number; said: string }
  >();
  readonly delivered: string[] = [];

  tick(now: number): void {
    const due = [...this.schedules].filter(([, { dueAt }]) => dueAt <= now);
    due.sort(([, one], [, other]) => one.dueAt - other.dueAt || one.order - other.order);
    for (const [key, schedule] of due) {
      this.delivered.push(`${schedule.said}@${schedule.dueAt}`);
      if (schedule.everyMs === null) this.schedules.delete(key);
      else schedule.dueAt = now + schedule.everyMs;
    }
  }
}

/** The fold and the queue, with a log that keeps everything and a process that may end at any moment. */
class World {
  readonly store = new Map<string, Uint8Array>();
  readonly delivered: string[] = [];
  #offset = 0;
  #queue = new DueQueue();

  command(made: NewRecord): number {
    const record = { ...made, headers: {}, partition: 0, timestamp: 0, offset: this.#offset } as LogRecord;
    this.#offset += 1;
    const command = decodeScheduleCommand(record);
    const stored = this.store.get(record.key);
    const schedule = stored === undefined ? undefined : (decodeSchedule({ value: stored }) ?? undefined);
    if (command === null) throw new Error('no command');
    const { state, outputs } = foldSchedule(schedule, command, record);
    for (const { value, headers = {} } of outputs)
      this.delivered.push(
        `${Buffer.from(value ?? []).toString()}@${Date.parse(headers[SCHEDULE_DUE_HEADER] ?? '')}`,
      );
    if (state === null) this.store.delete(record.key);
    else this.store.set(record.key, encodeSchedule(state));
    if (state === null) this.#queue.remove(record.key);
    else this.#queue.put({ key: record.key, dueAt: state.dueAt, order: state.order });
    return record.offset;
  }

  /** Tells what is due; twice, since a process that does not know whether it has told does so again. */
  tick(now: number): void {
    for (let due = this.#queue.takeDue(now, 2); due.length > 0; due = this.#queue.takeDue(now, 2)) {
      for (const entry of due) this.#queue.settle(entry);
      for (const { key, dueAt } of [...due, ...due])
        this.command(encodeScheduleCommand('commands', key, { type: 'due', dueAt, at: now }));
    }
  }

  dueAtOf(key: string): number {
    return this.#stateOf(key)?.dueAt ?? 0;
  }

  restart(): void {
    this.#queue = new DueQueue();
    for (const key of this.store.keys()) {
      const state = this.#stateOf(key);
      if (state !== null) this.#queue.put({ key, dueAt: state.dueAt, order: state.order });
    }
  }

  #stateOf(key: string): Schedule | null {
    const value = this.store.get(key);
    return value === undefined ? null : decodeSchedule({ value });
  }
}

function apply(one: Step, world: World, model: Model, now: number): number {
  const record = (value: string) => ({ topic: 'target', key: 'key', value: Buffer.from(value) });
  if ('once' in one) {
    const [said, dueAt] = [`once ${one.once} ${one.inMs}`, now + one.inMs];
    const order = world.command(scheduleOnce('commands', one.once, record(said), dueAt));
    model.schedules.set(one.once, { dueAt, everyMs: null, order, said });
  } else if ('every' in one) {
    const said = `every ${one.every} ${one.ms}`;
    const order = world.command(scheduleEvery('commands', one.every, record(said), { everyMs: one.ms }, now));
    if (model.schedules.get(one.every)?.said !== said)
      model.schedules.set(one.every, { dueAt: now + one.ms, everyMs: one.ms, order, said });
  } else if ('moved' in one) {
    world.command(moveSchedule('commands', one.moved, now + one.inMs));
    const schedule = model.schedules.get(one.moved);
    if (schedule !== undefined) schedule.dueAt = now + one.inMs;
  } else if ('cancelled' in one) {
    world.command(cancelSchedule('commands', one.cancelled));
    model.schedules.delete(one.cancelled);
  } else if ('restarts' in one) world.restart();
  else if ('strangersTell' in one) {
    // A clock that is behind, of a process that has lost the partition: it names a time that is not the schedule's.
    const dueAt = world.dueAtOf(one.strangersTell) + 1;
    world.command(encodeScheduleCommand('commands', one.strangersTell, { type: 'due', dueAt, at: now }));
  } else return now + ('passes' in one ? one.passes : one.jumps);
  return now;
}

it('delivers each run once, at its time, in order, as a plain model does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [world, model] = [new World(), new Model()];
      let now = 1_000_000_000_000;
      for (const one of steps) {
        now = apply(one, world, model, now);
        world.tick(now);
        model.tick(now);
        expect(world.delivered).toEqual(model.delivered);
      }
      expect([...world.store.keys()].sort()).toEqual([...model.schedules.keys()].sort());
    }),
    { numRuns: 500 },
  );
});

it('reads no command of a later release as another one', () => {
  const value = new TextEncoder().encode(JSON.stringify({ type: 'pause' }));
  const record = { topic: 't', partition: 0, offset: 0, key: 'k', headers: {}, timestamp: 0 };
  expect(() => decodeScheduleCommand({ ...record, value })).toThrow(
    expect.objectContaining({ code: 'schedule_unreadable' }),
  );
  expect(decodeScheduleCommand({ ...record, value: new TextEncoder().encode('hello') })).toBeNull();
});

it('refuses a record that is too large, and a time that is none', () => {
  const invalid = expect.objectContaining({ code: 'schedule_invalid' });
  const record = (bytes: number) => ({ topic: 't', key: 'k', value: new Uint8Array(bytes) });
  expect(() => scheduleOnce('commands', 'k', record(16 * 1024 + 1), 0)).toThrow(invalid);
  expect(() => scheduleOnce('commands', 'k', record(1), Number.NaN)).toThrow(invalid);
  expect(() => moveSchedule('commands', 'k', -1)).toThrow(invalid);
});
