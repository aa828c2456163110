/** A second client of a log that is open in this process; a test can end it like a crash. */
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import type { ConsumeOptions, EventLog, Handover, ProcessOptions } from '../../event-log.ts';

export interface StagedClient {
  readonly log: EventLog;
  /** From now on no callback of this client returns; callbacks that run never return. */
  cut(): void;
}

const endedCallbacks = new WeakSet<object>();

/** Whether the client of the callback is cut; for the engine’s option `hasCallerEnded`. */
export const hasCallerEnded = (callback: object): boolean => endedCallbacks.has(callback);

export function clientOf(log: EventLog): StagedClient {
  const callbacks: object[] = [];
  let end = (): void => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = () => reject(new Error('The client has ended.'));
  });
  ended.catch(() => undefined);
  let isCut = false;
  const orEnded = <Result>(answer: () => Result | Promise<Result>): Promise<Result> =>
    isCut ? ended : Promise.race([ended, Promise.resolve().then(answer)]);
  const registered = <Callback extends object>(callback: Callback): Callback => {
    callbacks.push(callback);
    return callback;
  };
  const handOver = (options: ConsumeOptions | ProcessOptions) => (handover: Handover) =>
    void orEnded(() => options.onHandover?.(handover)).catch(() => undefined);
  const client = standInFor(log, {
    consume: (options) =>
      log.consume({
        ...options,
        handler: registered((records, span) => orEnded(() => options.handler(records, span))),
        onHandover: handOver(options),
      }),
    process: (options) =>
      log.process({
        ...options,
        onHandover: handOver(options),
        createProcessor: registered(async (topic, partition) => {
          const processor = await orEnded(() => options.createProcessor(topic, partition));
          return {
            handle: (records) => orEnded(() => processor.handle(records)),
            outputs: () => orEnded(() => processor.outputs()),
          };
        }),
      }),
  });
  return {
    log: client,
    cut() {
      for (const callback of callbacks) endedCallbacks.add(callback);
      isCut = true;
      end();
    },
  };
}
