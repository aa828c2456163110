/**
 * What a log line says of an error. Drivers add to their errors what they were asked to do: a statement with its values, a
 * command with its arguments, a request's body. So a log line has only the fields that never hold any of these.
 */

/** Fields of an error that name what failed, and never with what values. */
const harmlessFields = [
  'code',
  'retriable',
  'status',
  'errno',
  'syscall',
  'hostname',
  'address',
  'port',
] as const;
/** Nested causes, and errors of an `AggregateError`, that a line names at most. */
const MAX_DEPTH = 5;
const MAX_ERRORS = 10;

/** A serializer for pino. */
export function loggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields: Record<string, unknown> = {
    type: error.name,
    // The message of a JSON parser quotes its input.
    message: error.name === 'SyntaxError' ? 'text that cannot be read' : error.message,
    stack: framesOf(error),
  };
  for (const name of harmlessFields) {
    const field: unknown = Reflect.get(error, name);
    if (['string', 'number', 'boolean'].includes(typeof field)) fields[name] = field;
  }
  if (depth < MAX_DEPTH) {
    if (error instanceof AggregateError) {
      fields.errors = error.errors.slice(0, MAX_ERRORS).map((one) => loggedError(one, depth + 1));
    }
    if (error.cause instanceof Error) fields.cause = loggedError(error.cause, depth + 1);
  }
  return fields;
}

/** The stack without the message that it begins with. */
function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at .*(?::\d+:\d+|<anonymous>|native)\)?$/.test(line))
    .join('\n');
}
