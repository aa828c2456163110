import { inTurn } from '@tidings/failures/in-turn.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { Consumer, LogRecord } from '../event-log.ts';
import { logClosed } from './failures.ts';
import { Reader, type ReaderSource } from './reader.ts';

/** The consumers and readers of an open log: closing the log ends all of them, and refuses every later call. */
export class Lifetime {
  private readonly consumers = new Set<Consumer>();
  private readonly readers = new Set<Reader>();
  private closing: Promise<void> | null = null;

  /** @throws EventLogError `log_closed` once `close` was called */
  readonly check = (): void => {
    if (this.closing) throw logClosed();
  };

  /** @param stop called once, however often the consumer is stopped */
  addConsumer(stop: () => Promise<void>): Consumer {
    let stopped: Promise<void> | null = null;
    const consumer: Consumer = {
      stop: () => {
        stopped ??= stop().finally(() => this.consumers.delete(consumer));
        return stopped;
      },
    };
    this.consumers.add(consumer);
    return consumer;
  }

  addReader(source: ReaderSource): AsyncIterable<readonly LogRecord[]> {
    const reader = new Reader(source, (ended) => this.readers.delete(ended));
    this.readers.add(reader);
    return reader;
  }

  /** Stops every consumer, ends every reader, then calls `closeEngine`. Safe to call twice. */
  close(closeEngine: () => Promise<void>): Promise<void> {
    this.closing ??= this.end(closeEngine);
    return this.closing;
  }

  private async end(closeEngine: () => Promise<void>): Promise<void> {
    await inTurn([
      () => settleAll([...this.consumers].map((consumer) => consumer.stop())),
      () => settleAll([...this.readers].map((reader) => reader.return())),
      closeEngine,
    ]);
  }
}
