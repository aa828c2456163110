/** What `read_committed.py` has printed. */
import type { RunningProgram } from '../test/installed-client.ts';

export interface CommittedRecord {
  readonly key: string;
  /** JSON; null of a tombstone; a text that says so where the bytes are none. */
  readonly value: unknown;
}

/** The records of the topic that were committed, so far; the first line says that it reads. */
export function readCommitted({ output }: Pick<RunningProgram, 'output'>): CommittedRecord[] {
  const lines = output.split('\n').slice(1, -1);
  return lines.map((line) => JSON.parse(line) as CommittedRecord);
}
