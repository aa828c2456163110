import { rm } from 'node:fs/promises';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { type AtomicStoreOptions, type Folded, runAtomicStore } from './atomic-store.ts';
import { failure, record, text, upTo } from './conformance/fixtures.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from './embedded/embedded-log.ts';
import type { Consumer, EventLog, LogRecord, NewRecord } from './event-log.ts';

const [commands, store, output, group] = ['commands', 'store', 'outputs', 'store-group'];
type Command = { readonly add: number } | { readonly remove: true };
interface Sum {
  readonly sum: number;
  readonly folded: number;
}

async function open(directory: string, options: Partial<EmbeddedLogOptions> = {}): Promise<EventLog> {
  const log = await openEmbeddedLog({
    directory,
    maintenanceIntervalMs: 5,
    tombstoneRetentionMs: 0,
    ...options,
  });
  onTestFinished(() => log.close());
  await log.ensureTopics([
    { name: commands, partitions: 3, cleanup: 'delete' },
    { name: store, partitions: 3, cleanup: 'compact' },
    { name: output, partitions: 3, cleanup: 'delete' },
    { name: 'control', partitions: 1, cleanup: 'delete' },
    { name: 'blocked', partitions: 1, cleanup: 'compact' },
  ]);
  return log;
}

/** Each command puts out the state that it led to, so that a command that is lost or folded twice shows. */
function fold(state: Sum | undefined, command: Command, { key }: LogRecord): Folded<Sum> {
  const { sum, folded } = state ?? { sum: 0, folded: 0 };
  if ('remove' in command)
    return { state: null, outputs: [record(output, key, `removed ${sum}`)], commitNow: true };
  const next = { sum: sum + command.add, folded: folded + 1 };
  return {
    state: next,
    outputs: [record(output, key, `${next.folded}: ${next.sum}`)],
    commitNow: command.add % 3 === 0,
  };
}

function run(log: EventLog, changes: Partial<AtomicStoreOptions<Command, Sum>> = {}): Promise<Consumer> {
  return runAtomicStore<Command, Sum>({
    log,
    group,
    commandsTopic: commands,
    storeTopic: store,
    decodeCommand: ({ value }) => JSON.parse(text(value)),
    encodeState: (state) => new TextEncoder().encode(JSON.stringify(state)),
    decodeState: ({ value }) => JSON.parse(text(value)),
    fold,
    blocking: {
      ...{ blockedTopic: 'blocked', controlTopic: 'control', isOutage: () => false },
      describe: () => ({ code: 'broken', message: 'It is broken.' }),
      onBlocked: () => undefined,
      onSkipped: () => undefined,
      pauses: { firstMs: 1, longestMs: 2 },
    },
    commitIntervalMs: 5,
    maxBatchRecords: 4,
    retry: { initialDelayMs: 1, maxDelayMs: 2 },
    ...changes,
  });
}

const asRecord = ([key, command]: readonly [string, Command]): NewRecord =>
  record(commands, key, JSON.stringify(command));

/** The expected states and outputs, from folding everything here once. */
function model(all: readonly (readonly [string, Command])[]): {
  states: Map<string, Sum>;
  outputs: Map<string, string[]>;
} {
  const states = new Map<string, Sum>();
  const outputs = new Map<string, string[]>();
  for (const [key, command] of all) {
    const folded = fold(states.get(key), command, {
      ...asRecord([key, command]),
      partition: 0,
      offset: 0,
      timestamp: 0,
      headers: {},
    });
    if (folded.state) states.set(key, folded.state);
    else states.delete(key);
    outputs.set(key, [...(outputs.get(key) ?? []), ...folded.outputs.map(({ value }) => text(value))]);
  }
  return { states, outputs };
}

async function found(log: EventLog): Promise<ReturnType<typeof model>> {
  const states = new Map<string, Sum>();
  const outputs = new Map<string, string[]>();
  for (const { key, value } of await readAll(log, store)) {
    if (value === null) states.delete(key);
    else states.set(key, JSON.parse(text(value)));
  }
  for (const { key, value } of await readAll(log, output))
    outputs.set(key, [...(outputs.get(key) ?? []), text(value)]);
  return { states, outputs };
}

async function settled(log: EventLog): Promise<void> {
  const ends = await log.endOffsets(commands);
  await eventually(async () => {
    const committed = await log.committedOffsets(group, commands);
    expect(committed.map((offset) => offset ?? 0)).toEqual(ends);
  });
}

const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ remove: true } as const) },
);
const keyed = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), command);
/** Rounds of commands; after each round the log is closed while it works, and opened again. */
const rounds = fc.array(fc.array(keyed, { maxLength: 30 }), { minLength: 1, maxLength: 3 });

it('holds the fold of all commands, each counted once, whatever fails on the way', async () => {
  const property = fc.asyncProperty(rounds, fc.integer(), async (all, seed) => {
    const random = randomNumbers(seed);
    let failuresLeft = 12;
    const sometimes = (): void => {
      if (failuresLeft === 0 || random() > 0.2) return;
      failuresLeft -= 1;
      throw new Error('failing here');
    };
    const directory = await temporaryFolder();
    // Some writes fail, and the loop does not know their outcome.
    let writesFail = false;
    const onCrashPoint = (): void => {
      if (writesFail) sometimes();
    };
    for (const [number, some] of all.entries()) {
      const log = await open(directory, { onCrashPoint });
      await log.append(some.map(asRecord));
      writesFail = true;
      const failing: Partial<AtomicStoreOptions<Command, Sum>> = {
        fold: (...parameters) => {
          sometimes();
          return fold(...parameters);
        },
        encodeState: (state) => {
          sometimes();
          return new TextEncoder().encode(JSON.stringify(state));
        },
      };
      await run(log, failing);
      if (number === all.length - 1) await settled(log);
      writesFail = false;
      await log.close();
    }
    // The log is opened anew, because a failed write of the first log would interrupt a reader.
    const log = await open(directory);
    expect(await found(log)).toEqual(model(all.flat()));
    await log.close();
    await rm(directory, { recursive: true });
  });
  await fc.assert(property, { numRuns: 25 });
}, 120_000);

it('announces each fold before its commit, and forgets removed keys', async () => {
  const log = await open(await temporaryFolder());
  const told: [string, Sum | null, number][] = [];
  let storedWhenTold: Promise<LogRecord[]> | undefined;
  await run(log, {
    onFolded: (key, state, { offset }) => {
      storedWhenTold ??= readAll(log, store);
      told.push([key, state, offset]);
    },
  });
  await log.append([asRecord(['a', { add: 3 }])]);
  await settled(log);
  await log.append([asRecord(['a', { remove: true }]), asRecord(['a', { remove: true }])]);
  await settled(log);
  expect(told.map(([key, state]) => [key, state])).toEqual([
    ['a', { sum: 3, folded: 1 }],
    ['a', null],
    ['a', null],
  ]);
  expect(await storedWhenTold).toEqual([]);
  await eventually(async () => expect(await readAll(log, store)).toEqual([]));
  expect((await found(log)).outputs).toEqual(new Map([['a', ['1: 3', 'removed 3', 'removed 0']]]));
});

it('writes each touched key once a commit', async () => {
  const log = await open(await temporaryFolder(), { maintenanceIntervalMs: 3_600_000 });
  await log.append(upTo(300).map(() => asRecord(['a', { add: 1 }])));
  await run(log, { maxBatchRecords: 1_000, commitIntervalMs: 1 });
  await settled(log);
  expect(await readAll(log, output)).toHaveLength(300);
  expect((await readAll(log, store)).length).toBe(1);
});

it('refuses topics with different numbers of partitions', async () => {
  const log = await open(await temporaryFolder());
  await log.ensureTopics([{ name: 'wider', partitions: 4, cleanup: 'compact' }]);
  await expect(run(log, { storeTopic: 'wider' })).rejects.toMatchObject({
    ...failure('topic_mismatch'),
    message: expect.stringMatching(
      /^Topic commands has 3 partitions and topic wider has 4, .* delete both topics/,
    ),
  });
});
