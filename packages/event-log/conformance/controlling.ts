import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect, it } from 'vitest';
import { ControlJournal } from '../control/control-journal.ts';
import { type ControlAction, type ControlOrder, encodeControl } from '../control/control-records.ts';
import type { EventLog } from '../event-log.ts';
import { type DeadLetterSource, DeadLetters } from '../retry/dead-letters.ts';
import { type ProcessControlOptions, processControl } from '../retry/process-control.ts';
import { encodeDeadLetter, type FailedRecord, removedLetter } from '../retry/retry-headers.ts';
import { deadLetterTopic } from '../retry/topic-names.ts';
import type { ConformanceEngine } from './engine.ts';
import { logFor, openFor, record, siteFor, text, topicFor, unique, upTo, valuesOf } from './fixtures.ts';

/** A topic whose dead letters support acts on. */
interface Controlled {
  readonly topic: string;
  readonly group: string;
  readonly deadLetters: string;
  readonly control: string;
  /** Where the extra outputs go. */
  readonly output: string;
}

async function controlledTopic(log: EventLog): Promise<Controlled> {
  const [topic, group] = [await topicFor(log), unique('group')];
  const deadLetters = deadLetterTopic(topic, group);
  await log.ensureTopics([{ name: deadLetters, partitions: 1, cleanup: 'compact' }]);
  const control = await topicFor(log, { partitions: 1 });
  return { topic, group, deadLetters, control, output: await topicFor(log, { partitions: 1 }) };
}

function failedRecord({ topic, group }: Controlled, offset: number): FailedRecord {
  return {
    ...{ group, origin: { topic, partition: 1, offset }, key: `key-${offset}` },
    ...{ value: new TextEncoder().encode(`bytes ${offset}`), headers: { own: 'header' } },
    ...{ attempts: 3, error: { code: 'broken', message: 'It is broken.' }, failedAt: 1_000 + offset },
  };
}

/** Dead letters of the offsets 0 to count - 1. */
async function fail(log: EventLog, controlled: Controlled, count: number): Promise<void> {
  const letters = upTo(count).map((offset) => failedRecord(controlled, offset));
  await log.append(letters.map((letter) => encodeDeadLetter(controlled.deadLetters, letter)));
}

function orderFor({ topic, group }: Controlled, action: ControlAction, offset: number): ControlOrder {
  const target = { kind: 'dead_letter', group, topic, partition: 1, offset, key: `key-${offset}` } as const;
  return { action, target, who: 'support', reason: `because of ${offset}` };
}

function optionsFor(log: EventLog, { topic, group, control, output }: Controlled): ProcessControlOptions {
  return {
    log,
    group: `${control}.control`,
    controlTopic: control,
    sources: [{ topic, group }],
    obey: async ({ action }, { id }) => ({ outputs: [record(output, id, action)] }),
    onError: () => undefined,
    retry: { initialDelayMs: 5, maxDelayMs: 20 },
  };
}

function deadLettersOf(
  log: EventLog,
  source: DeadLetterSource,
  onError: (error: unknown) => void = () => undefined,
) {
  return new DeadLetters({ log, sources: [source], noteOf: ({ headers }) => headers.own, onError });
}

async function remaining(log: EventLog, { topic, group }: Controlled): Promise<string[]> {
  const deadLetters = deadLettersOf(log, { topic, group });
  await deadLetters.refresh();
  return [...deadLetters.entries()].map(({ key }) => key);
}

/** Resolves when every order has been obeyed. */
async function obeyed(log: EventLog, { control }: Controlled): Promise<void> {
  const ends = await log.endOffsets(control);
  await eventually(async () =>
    expect(await log.committedOffsets(`${control}.control`, control)).toEqual(ends),
  );
}

const outputsOf = async (log: EventLog, { output }: Controlled) =>
  (await readAll(log, output)).map(({ key, value }) => `${key.split('/').at(-1)} ${text(value)}`);

export function describeControlling(engine: ConformanceEngine): void {
  it('lists dead letters without their bytes, passes strangers over, and reads a whole one', async () => {
    const log = await logFor(engine);
    const controlled = await controlledTopic(log);
    const { topic, group } = controlled;
    const strangers: unknown[] = [];
    const deadLetters = deadLettersOf(log, { topic, group }, (error) => void strangers.push(error));
    await log.append([record(controlled.deadLetters, 'stranger', 'what is this')]);
    await fail(log, controlled, 2);
    await deadLetters.refresh();
    expect(strangers).toMatchObject([{ code: 'malformed_dead_letter' }]);
    const entry = deadLetters.get(`${topic}/1/1`);
    expect([...deadLetters.entries()].map(({ key }) => key)).toEqual(['key-0', 'key-1']);
    expect(entry).toEqual({
      ...{ id: `${topic}/1/1`, group, key: 'key-1', attempts: 3, failedAt: 1_001 },
      ...{ origin: { topic, partition: 1, offset: 1 }, error: { code: 'broken', message: 'It is broken.' } },
      note: 'header',
      place: { topic: controlled.deadLetters, partition: 0, offset: expect.any(Number) },
    });
    const whole = entry && (await deadLetters.read(entry));
    expect([text(whole?.value ?? null), whole?.headers]).toEqual(['bytes 1', { own: 'header' }]);
    await log.append([{ topic: controlled.deadLetters, key: `${topic}/1/1`, value: null }]);
    await deadLetters.refresh();
    expect([...deadLetters.entries()].map(({ key }) => key)).toEqual(['key-0']);
  });

  it('puts a requeued record back once, gives a skipped one up, and keeps every order', async () => {
    const log = await logFor(engine);
    const controlled = await controlledTopic(log);
    await fail(log, controlled, 4);
    const journal = new ControlJournal(log, controlled.control);
    await processControl(optionsFor(log, controlled));
    const orders = [
      orderFor(controlled, 'requeue', 0),
      orderFor(controlled, 'requeue', 0),
      orderFor(controlled, 'skip', 1),
      orderFor(controlled, 'requeue', 1),
      // No such dead letter; one of another group; and a stranger's record.
      orderFor(controlled, 'requeue', 9),
      orderFor({ ...controlled, group: 'another' }, 'requeue', 2),
    ];
    await journal.give(orders);
    await log.append([record(controlled.control, 'stranger', 'what is this')]);
    await obeyed(log, controlled);
    await journal.give([orderFor(controlled, 'requeue', 1), orderFor(controlled, 'requeue', 3)]);
    await obeyed(log, controlled);
    const requeued = await readAll(log, controlled.topic);
    expect(requeued.map(({ key, value, headers }) => [key, text(value), headers]).sort()).toEqual([
      ['key-0', 'bytes 0', { own: 'header' }],
      ['key-3', 'bytes 3', { own: 'header' }],
    ]);
    expect(await outputsOf(log, controlled)).toEqual(['0 requeue', '1 skip', '3 requeue']);
    expect(await remaining(log, controlled)).toEqual(['key-2']);
    const { items } = await journal.list({ limit: 100 });
    const named = items.map((entry) =>
      'target' in entry ? `${entry.action} ${entry.target.offset}` : 'a note',
    );
    expect(named).toEqual([
      'requeue 3',
      'requeue 1',
      ...orders.map(({ action, target }) => `${action} ${target.offset}`).reverse(),
    ]);
  });

  it('leaves a dead letter where it is while others decide about it, and where the order is not obeyed', async () => {
    const log = await logFor(engine);
    const controlled = await controlledTopic(log);
    await fail(log, controlled, 2);
    const journal = new ControlJournal(log, controlled.control);
    await processControl({
      ...optionsFor(log, controlled),
      obey: async (_order, { key }) => (key === 'key-0' ? { outputs: [], keepsLetter: true } : null),
    });
    const [kept, refused] = [orderFor(controlled, 'requeue', 0), orderFor(controlled, 'requeue', 1)];
    await journal.give([kept, refused, kept, orderFor(controlled, 'skip', 0)]);
    await log.append([encodeControl(controlled.control, { ...kept, isRepeat: true })]);
    await obeyed(log, controlled);
    expect(valuesOf(await readAll(log, controlled.topic))).toEqual(['bytes 0', 'bytes 0']);
    expect(await remaining(log, controlled)).toEqual(['key-0', 'key-1']);
    // What a program repeats is no order of people.
    expect((await journal.list({ limit: 10 })).items).toHaveLength(4);
    await log.append([
      removedLetter(controlled.deadLetters, { topic: controlled.topic, partition: 1, offset: 0 }),
    ]);
    expect(await remaining(log, controlled)).toEqual(['key-1']);
  });

  it('obeys further orders about a dead letter whose repeated requeue was refused', async () => {
    const log = await logFor(engine);
    const controlled = await controlledTopic(log);
    await fail(log, controlled, 1);
    const journal = new ControlJournal(log, controlled.control);
    await processControl({
      ...optionsFor(log, controlled),
      obey: async ({ action, isRepeat }) =>
        isRepeat === true ? null : { outputs: [], keepsLetter: action === 'requeue' },
    });
    const requeue = orderFor(controlled, 'requeue', 0);
    await journal.give([requeue]);
    await log.append([encodeControl(controlled.control, { ...requeue, isRepeat: true })]);
    await journal.give([orderFor(controlled, 'skip', 0)]);
    await obeyed(log, controlled);
    expect(await remaining(log, controlled)).toEqual([]);
    expect(valuesOf(await readAll(log, controlled.topic))).toEqual(['bytes 0']);
  });

  it('obeys an order exactly once through every kill', async () => {
    const site = await siteFor(engine);
    const log = await openFor(site);
    const controlled = await controlledTopic(log);
    const count = 40;
    await fail(log, controlled, count);
    const journal = new ControlJournal(log, controlled.control);
    await journal.give(upTo(count).map((offset) => orderFor(controlled, 'requeue', offset)));
    for (const kill of upTo(3)) {
      const client = await site.connect();
      let calls = 0;
      // The process ends within its second batch, while the first one is on its way into the log.
      const held = new Promise<never>(() => undefined);
      const { obey } = optionsFor(client.log, controlled);
      await processControl({
        ...optionsFor(client.log, controlled),
        obey: (order, letter) => (++calls > 3 + 8 * kill ? held : obey(order, letter)),
      });
      await eventually(() => expect(calls).toBeGreaterThan(3 + 8 * kill));
      await client.cut();
    }
    await processControl(optionsFor(log, controlled));
    await eventually(async () => expect(await remaining(log, controlled)).toEqual([]), { withinMs: 60_000 });
    await obeyed(log, controlled);
    const values = valuesOf(await readAll(log, controlled.topic)).sort();
    expect(values).toEqual(
      upTo(count)
        .map((offset) => `bytes ${offset}`)
        .sort(),
    );
    expect((await outputsOf(log, controlled)).sort()).toEqual(
      upTo(count)
        .map((one) => `${one} requeue`)
        .sort(),
    );
  });

  it('pages through the orders, newest first, and finds the newest about a record', async () => {
    const log = await logFor(engine);
    const controlled = await controlledTopic(log);
    const given = await new ControlJournal(log, controlled.control).give(
      upTo(7).map((number) => orderFor(controlled, number % 2 === 0 ? 'requeue' : 'skip', number % 3)),
    );
    const journal = new ControlJournal(log, controlled.control);
    const first = await journal.list({ limit: 4 });
    const second = await journal.list({ limit: 4, before: first.next ?? 0 });
    expect([...first.items, ...second.items]).toEqual([...given].reverse());
    expect([first.next, second.next]).toEqual([given[3]?.offset, null]);
    const note = { action: 'erase', subject: 'owner/mira', who: 'support', reason: 'she asked for it' };
    await journal.note(note);
    expect((await journal.list({ limit: 1 })).items).toEqual([
      { ...note, offset: expect.any(Number), at: expect.any(Number) },
    ]);
    const { target } = orderFor(controlled, 'skip', 2);
    expect(await journal.newest(target)).toEqual(given[5]);
    expect(await journal.newest({ ...target, kind: 'blocked_partition' })).toBeNull();
  });
}
