/** What the aggregator receives along the flow: the commands of imports. */
import { decodeEvent, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { importCommandSchema } from '@tidings/contracts/schemas/imports/import-commands.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { Failure } from '@tidings/failures/failure.ts';
import { validate as isUuid } from 'uuid';
import type { LoggedCommand } from './fold/logged-command.ts';

/**
 * A command of a type that only a later release knows. It stops its partition, because commands behind it must not be folded
 * without it.
 */
export class UnknownCommandError extends Failure<'unknown_command'> {
  override name = 'UnknownCommandError';

  constructor() {
    super(
      'unknown_command',
      'This release does not know a type of command: bring every aggregator up to date.',
    );
  }
}

const knownTypes: ReadonlySet<string> = new Set(
  importCommandSchema.options.map(({ shape }) => shape.type.value),
);

/** @throws UnknownCommandError; MalformedEventError for a record that is no command */
export function decodeCommand(record: LogRecord): LoggedCommand {
  const event = decodeEvent(record.value);
  if (!knownTypes.has(event.type)) throw new UnknownCommandError();
  if (!isUuid(record.key)) throw new MalformedEventError('the key is no import');
  const parsed = importCommandSchema.safeParse({ type: event.type, data: event.data });
  if (!parsed.success) {
    throw new MalformedEventError(`the command ${event.type} is not valid`, { cause: parsed.error });
  }
  const { eventId, correlationId, traceparent, owner } = event;
  return {
    importId: record.key,
    command: parsed.data,
    cause: { eventId, correlationId, traceparent, owner },
    offset: record.offset,
    timestamp: record.timestamp,
  };
}
