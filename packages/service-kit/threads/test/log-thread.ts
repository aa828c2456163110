/** The thread that has the logs of `log-behind-port.test.ts`: opens them for whoever sends a port. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { type EmbeddedLogOptions, openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { exposePort, isOfClosedPort } from '../message-port-proxy.ts';

export interface LogThread {
  open(options: EmbeddedLogOptions): Promise<EventLog>;
  /** The log that was opened there last. */
  attach(directory: string): EventLog;
}

const logs = new Map<string, EventLog>();

const thread: LogThread = {
  async open(options) {
    const log = await openEmbeddedLog({ ...options, hasCallerEnded: isOfClosedPort });
    logs.set(options.directory, log);
    return log;
  },
  attach(directory) {
    const log = logs.get(directory);
    if (!log) throw new Error(`There is no log in ${directory}.`);
    return log;
  },
};

parentPort?.on('message', (port: MessagePort) => exposePort(thread, port));
