/** Structured logs, one JSON object a line on standard output. No cell values, no tokens: not in logs, ever. */
import { type Logger, pino } from 'pino';
import type { LogLevel } from '../config/config.ts';
import { loggedError } from './logged-error.ts';

export type { Logger } from 'pino';

/** @param service stands in every line */
export function createLogger(service: string, level: LogLevel): Logger {
  return pino({
    level,
    base: { service },
    serializers: { err: (error: unknown) => loggedError(error) },
    redact: [
      ...['token', 'channelToken', 'req.headers.authorization', 'headers.authorization'],
      ...['req.headers.cookie', 'headers.cookie'],
    ],
  });
}
