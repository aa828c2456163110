/** What is wrong with a parameter, a field or a body, in words that need no knowledge of the library that has checked it. */
import type { z } from 'zod';

/** Something is wrong at `path`; `words` go on from its name: `must be …`, `is missing`, `is not known`. */
export interface Mistake {
  readonly path: readonly string[];
  readonly words: string;
}

export type Checked<Value> = { readonly value: Value } | { readonly mistake: Mistake };

/** The value as its schema reads it, or the first thing that is wrong with it. A schema may have words of its own. */
export function check<Value>(schema: z.ZodType<Value>, value: unknown): Checked<Value> {
  const parsed = schema.safeParse(value, { error: wordsOf });
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...unknown].map(String);
  return { mistake: { path, words: issue?.message ?? 'is not as it should be' } };
}

type RawIssue = z.core.$ZodRawIssue;
type Expected = z.core.$ZodIssueInvalidType['expected'];

const typeNames: { readonly [Name in Expected]?: string } = {
  string: 'a text',
  boolean: '`true` or `false`',
  object: 'a JSON object',
  record: 'a JSON object',
  array: 'a list',
  null: 'null',
};

function wordsOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      if (Array.isArray(issue.input) && issue.expected === 'string') return 'must be a single text';
      if (issue.expected === 'number' || issue.expected === 'int') return `must be ${numberIn(issue.inst)}`;
      return `must be ${typeNames[issue.expected as Expected] ?? 'of another type'}`;
    case 'too_small':
      return wordsOfBound(issue, issue.minimum, 'least');
    case 'too_big':
      return wordsOfBound(issue, issue.maximum, 'most');
    case 'invalid_value':
      if (issue.input === undefined) return 'is missing';
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`;
    case 'invalid_format':
      return `must be ${formatNames[issue.format] ?? 'written in another way'}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return wordsOfUnknown(issue.inst);
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms that it may have';
    case 'invalid_key':
      return 'holds a name that is not allowed';
    default:
      return 'is not as it should be';
  }
}

const formatNames: Readonly<Record<string, string>> = {
  uuid: 'an id, as `01890a5d-ac96-774b-bcce-b302099a8057`',
  url: 'an address, as `https://example.org/`',
  email: 'an e-mail address',
  base64: 'base64',
  datetime: 'a time of ISO 8601, as `2026-01-31T12:00:00Z`',
};

interface NumberBounds {
  readonly isInt?: boolean;
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
}

/** With its bounds, where it has both: who sends no number learns what to send. */
function numberIn(schema: RawIssue['inst']): string {
  const { minValue, maxValue, isInt } = (schema ?? {}) as NumberBounds;
  const isBounded = minValue != null && maxValue != null && maxValue < Number.MAX_SAFE_INTEGER;
  return `a ${isInt === true ? 'whole ' : ''}number${isBounded ? ` from ${minValue} to ${maxValue}` : ''}`;
}

interface Bounded {
  readonly origin: string;
  readonly input?: unknown;
  readonly inclusive?: boolean;
  readonly exact?: boolean;
}

function wordsOfBound(
  { origin, input, inclusive = true, exact = false }: Bounded,
  bound: number | bigint,
  end: 'least' | 'most',
): string {
  const isLeast = end === 'least';
  if (origin === 'number' || origin === 'int') {
    if (!inclusive) return `must be ${isLeast ? 'more' : 'less'} than ${bound}`;
    return `must be ${bound} ${isLeast ? 'or more' : 'or less'}`;
  }
  const how = exact ? 'exactly' : `at ${end}`;
  if (origin !== 'string') return `must have ${bound} ${bound === 1 ? 'entry' : 'entries'} ${how}`;
  if (input === '') return 'must not be empty';
  return `must have ${bound} ${bound === 1 ? 'character' : 'characters'} ${how}`;
}

/** Names that an answer lists, at most. */
const MAX_LISTED = 20;

function wordsOfUnknown(schema: RawIssue['inst']): string {
  const { shape } = (schema ?? {}) as { shape?: Readonly<Record<string, unknown>> };
  const names = Object.keys(shape ?? {}).slice(0, MAX_LISTED);
  return names.length === 0
    ? 'is not known'
    : `is not known: choose of ${names.map((name) => `\`${name}\``).join(', ')}`;
}
