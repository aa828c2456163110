/**
 * Obeys the orders about dead letters, each exactly once. `requeue` puts the record back on the topic where it came from, with its own
 * key, as if no attempt had been made at it. `skip` gives it up. Both remove the dead letter. An order about a dead letter that is no
 * longer there changes nothing.
 *
 * A reader of the outputs may find that the requeue has come to nothing. For such readers the dead letter can be kept: they remove it, or repeat the
 * order. So a requeue is not lost, and the record may be put back more than once. Other orders about the dead letter
 * change nothing meanwhile; after a crash they may put the record back once more.
 */
import { type ControlAction, type ControlRecord, decodeControl } from '../control/control-records.ts';
import type { Consumer, EventLog, LogRecord, NewRecord, ProcessOptions } from '../event-log.ts';
import { type DeadLetterSource, DeadLetters } from './dead-letters.ts';
import { type DeadLetter, requeuedRecord } from './retry-headers.ts';

export interface ProcessControlOptions extends Pick<ProcessOptions, 'retry'> {
  readonly log: EventLog;
  readonly group: string;
  readonly controlTopic: string;
  readonly sources: readonly DeadLetterSource[];
  /** null: the order is not obeyed, and the dead letter stays. A rejection stops all orders behind this one, and is tried again. */
  obey(order: DeadLetterOrder, letter: DeadLetter): Promise<ObeyedOrder | null>;
  /** Called for a failure, before the pause; with a record for one that is no dead letter and is passed over. */
  onError(error: unknown, record?: LogRecord): void;
}

export interface DeadLetterOrder extends ControlRecord {
  readonly action: Exclude<ControlAction, 'retry'>;
}

export interface ObeyedOrder {
  /** What becomes visible together with the action. */
  readonly outputs: readonly NewRecord[];
  /** true: whoever reads the outputs removes the dead letter (`removedLetter`), or repeats the order. Default: false. */
  readonly keepsLetter?: boolean;
}

/** Orders that are obeyed in one transaction, at most: each may carry a record of the largest size. */
const MAX_ORDERS = 16;

/** Resolves when the orders are obeyed as they come. The topics must exist. */
export function processControl(options: ProcessControlOptions): Promise<Consumer> {
  const { log, group, controlTopic, sources, onError, retry } = options;
  return log.process({
    group,
    topics: [controlTopic],
    maxBatchRecords: MAX_ORDERS,
    createProcessor: () => {
      const deadLetters = new DeadLetters({ log, sources, onError, noteOf: () => null });
      const undecided: Undecided = new Map();
      let waiting: NewRecord[] = [];
      return {
        async handle(records) {
          const orders = records.map(decodeControl).filter((order) => order !== null);
          if (orders.length > 0) await deadLetters.refresh();
          for (const order of orders) waiting.push(...(await obey(options, deadLetters, undecided, order)));
          return true;
        },
        outputs() {
          const outputs = waiting;
          waiting = [];
          return outputs;
        },
      };
    },
    retry,
    onError: (error) => onError(error),
  });
}

/** The dead letters that wait for somebody's decision: where the record of each stood, by id. */
type Undecided = Map<string, number>;

async function obey(
  options: ProcessControlOptions,
  deadLetters: DeadLetters<null>,
  undecided: Undecided,
  order: ControlRecord,
): Promise<readonly NewRecord[]> {
  const { action, target } = order;
  if (target.kind !== 'dead_letter' || action === 'retry') return [];
  const entry = deadLetters.at(target);
  if (entry === undefined || entry.group !== target.group) return [];
  if (undecided.get(entry.id) === entry.place.offset && order.isRepeat !== true) return [];
  const letter = await deadLetters.read(entry);
  if (letter === null) return [];
  const obeyed = await options.obey({ ...order, action }, letter);
  if (obeyed === null) {
    // Nobody decides about a repeat that is refused: further orders count again.
    undecided.delete(entry.id);
    return [];
  }
  const requeued = action === 'requeue' ? [requeuedRecord(letter)] : [];
  for (const id of undecided.keys()) if (deadLetters.get(id) === undefined) undecided.delete(id);
  if (obeyed.keepsLetter === true) undecided.set(entry.id, entry.place.offset);
  const removed = obeyed.keepsLetter === true ? [] : [deadLetters.remove(entry)];
  return [...removed, ...obeyed.outputs, ...requeued];
}
