/** The thread that has the logs, when the suite runs behind the thread proxy: opens them for whoever sends a port. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { exposePort } from '@tidings/service-kit/threads/message-port-proxy.ts';
import type { EventLog } from '../../event-log.ts';
import { type EmbeddedLogOptions, openEmbeddedLog } from '../embedded-log.ts';

export interface LogThread {
  open(options: EmbeddedLogOptions): Promise<EventLog>;
  /** The log that was opened there last. */
  attach(directory: string): EventLog;
}

const logs = new Map<string, EventLog>();

const thread: LogThread = {
  async open(options) {
    const log = await openEmbeddedLog(options);
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
