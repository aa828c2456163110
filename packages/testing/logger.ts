/** Loggers of tests. */
import { type Logger, pino } from 'pino';

/** Logs nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });

/** A logger, and the lines that it has written so far, of every level, as JSON. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }) };
}
