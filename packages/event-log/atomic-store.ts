/**
 * The atomic key-value store: a topic of commands, a compacted topic of states, and one consume-transform-produce loop
 * between them. The commands of a key are folded one after another, each exactly once: the state, the outputs of the fold, and
 * the position in the commands become visible together.
 *
 * Both topics have the same number of partitions, so that the owner of a partition of the commands is the only one that writes
 * the same partition of the store. The next owner of a partition reads its states back from there.
 */
import { type BlockingOptions, FailingRecords } from './control/failing-records.ts';
import {
  type Consumer,
  type EventLog,
  EventLogError,
  type Handled,
  type LogRecord,
  type NewRecord,
  type PartitionProcessor,
  type ProcessOptions,
} from './event-log.ts';
import type { ValueRecord } from './table.ts';

export interface Folded<State> {
  /** null: the key is removed, or stays absent. */
  readonly state: State | null;
  readonly outputs: readonly NewRecord[];
  /** Whether to commit at once, rather than within the commit interval. */
  readonly commitNow: boolean;
}

export interface AtomicStoreOptions<Command, State>
  extends Pick<
    ProcessOptions,
    'commitIntervalMs' | 'maxBatchRecords' | 'maxBatchBytes' | 'retry' | 'onError'
  > {
  readonly log: EventLog;
  readonly group: string;
  readonly commandsTopic: string;
  readonly storeTopic: string;
  /** What happens where `decodeCommand` or `fold` throws each time. */
  readonly blocking: BlockingOptions;
  /** null: the record is no command, and is passed over. A throw is tried again, and blocks the partition in the end. */
  decodeCommand(record: LogRecord): Command | null;
  encodeState(state: State): Uint8Array;
  /** null: the record is no state, and is passed over; the key keeps its former state. A throw blocks the partition. */
  decodeState(record: ValueRecord): State | null;
  /**
   * Pure: the same command on the same state gives the same result, because the fold may run again after a failure. Return the
   * very same object where the command changes nothing: then nothing is written.
   */
  fold(state: State | undefined, command: Command, record: LogRecord): Folded<State>;
  /**
   * Called where this process begins with a partition, and where it begins again after a failure, before the first fold.
   * @param states by key; they change with each fold
   */
  onBegin?(partition: number, states: ReadonlyMap<string, State>): void;
  /**
   * Called after each fold and before its commit, for messages that travel beside the transaction. A failure may take the state
   * back, and the same record then calls it again.
   */
  onFolded?(key: string, state: State | null, record: LogRecord): void;
}

/** Outputs and states that wait for a commit, at most; then it comes before the interval is over. */
const maxWaiting = 1_000;

/**
 * Rejects with `topic_unknown`, and with `topic_mismatch` where the topics have different numbers of partitions; its one line says
 * what to do.
 */
export async function requireEqualPartitions(
  log: EventLog,
  commandsTopic: string,
  storeTopic: string,
): Promise<void> {
  const [commands, store] = await Promise.all([
    log.describeTopic(commandsTopic),
    log.describeTopic(storeTopic),
  ]);
  if (commands.partitions === store.partitions) return;
  // Adding partitions to the smaller topic does not help: its keys stay in their old partitions, where nobody looks for them.
  throw new EventLogError(
    'topic_mismatch',
    `Topic ${commandsTopic} has ${commands.partitions} partitions and topic ${storeTopic} has ${store.partitions}, but they ` +
      'need equally many. Stop every process, delete both topics, and start again: they are made anew, and what was under ' +
      'way in them is forgotten.',
  );
}

/** Resolves when the loop runs. Rejects with `topic_unknown`, and with `topic_mismatch` if the topics' partitions differ. */
export async function runAtomicStore<Command, State>(
  options: AtomicStoreOptions<Command, State>,
): Promise<Consumer> {
  const { log, group, commandsTopic, storeTopic } = options;
  await requireEqualPartitions(log, commandsTopic, storeTopic);
  const { commitIntervalMs, maxBatchRecords, maxBatchBytes, retry, onError } = options;
  const failing = new FailingRecords(log, group, options.blocking);
  return log.process({
    group,
    topics: [commandsTopic],
    createProcessor: async (_topic, partition) => {
      await failing.begin();
      const states = await readStates(options, partition);
      options.onBegin?.(partition, states);
      return new StoreProcessor(options, failing, states);
    },
    ...{ commitIntervalMs, maxBatchRecords, maxBatchBytes, retry, onError },
  });
}

/** Reads the partition's committed states. Removed keys take no memory. */
async function readStates<Command, State>(
  { log, storeTopic, decodeState }: AtomicStoreOptions<Command, State>,
  partition: number,
): Promise<Map<string, State>> {
  const states = new Map<string, State>();
  for await (const records of log.read({
    topic: storeTopic,
    partitions: [partition],
    from: 'earliest',
    follow: false,
  })) {
    for (const record of records) {
      const { value } = record;
      const state = value === null ? null : decodeState({ ...record, value });
      if (state !== null) states.set(record.key, state);
      else if (value === null) states.delete(record.key);
    }
  }
  return states;
}

class StoreProcessor<Command, State> implements PartitionProcessor {
  private readonly options: AtomicStoreOptions<Command, State>;
  private readonly failing: FailingRecords;
  private readonly states: Map<string, State>;
  /** Keys whose state has changed since the last commit. */
  private readonly touched = new Set<string>();
  private waiting: NewRecord[] = [];

  constructor(
    options: AtomicStoreOptions<Command, State>,
    failing: FailingRecords,
    states: Map<string, State>,
  ) {
    this.options = options;
    this.failing = failing;
    this.states = states;
  }

  async handle(records: readonly LogRecord[]): Promise<Handled> {
    let commitNow = false;
    for (const record of records) {
      const folded = this.fold(record);
      // A command that blocks holds back none of those before it.
      if ('error' in folded && record !== records[0]) return { next: record.offset };
      // A record that is handled as usual costs no turn of the event loop.
      if ('error' in folded) await this.failing.failed(record, folded.error);
      else if (folded.result !== null && this.takeIn(record, folded.result)) commitNow = true;
      const unblocked = this.failing.passed(record);
      this.waiting.push(...unblocked);
      if (unblocked.length > 0) commitNow = true;
    }
    return commitNow || this.waiting.length + this.touched.size >= maxWaiting;
  }

  outputs(): readonly NewRecord[] {
    const outputs = [...this.touched].map((key): NewRecord => {
      const state = this.states.get(key);
      return {
        topic: this.options.storeTopic,
        key,
        value: state === undefined ? null : this.options.encodeState(state),
      };
    });
    outputs.push(...this.waiting);
    this.touched.clear();
    this.waiting = [];
    return outputs;
  }

  /** `result` is null where the record is no command. */
  private fold(record: LogRecord): { readonly result: Folded<State> | null } | { readonly error: unknown } {
    try {
      const command = this.options.decodeCommand(record);
      if (command === null) return { result: null };
      return { result: this.options.fold(this.states.get(record.key), command, record) };
    } catch (error) {
      return { error };
    }
  }

  private takeIn(record: LogRecord, { state, outputs, commitNow }: Folded<State>): boolean {
    const { key } = record;
    const before = this.states.get(key);
    if (state !== null) this.states.set(key, state);
    else this.states.delete(key);
    // Nothing is written where a command leaves the state as it was, or the key absent.
    if ((state ?? undefined) !== before) this.touched.add(key);
    this.waiting.push(...outputs);
    this.options.onFolded?.(key, state, record);
    return commitNow;
  }
}
