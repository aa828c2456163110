/**
 * `REQUESTS_FILE`: which services answer requests, by which methods, in which lane, within what time and bounds, and what each method
 * takes. It is read once, at the start, and every mistake in it is told with its place.
 */
import {
  MAX_REQUEST_BODY_BYTES,
  MAX_REQUEST_FILE_BYTES,
  reservedMethods,
} from '@tidings/contracts/services/requests.ts';
import { toLine } from '@tidings/contracts/text.ts';
import type { RequestLane } from '@tidings/event-log/request-reply/request-records.ts';
import type { RawValues } from '@tidings/service-kit/config/config.ts';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { requestLanes } from './plan-topics.ts';

/** What a caller sent that the method does not take. */
export interface Refusal {
  /** Names and places, parted by dots; empty for the body as a whole. */
  readonly field: string;
  readonly reason: string;
}

export interface MethodSettings {
  readonly lane: RequestLane;
  /** Milliseconds after which nobody waits any more, and no worker begins. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** 0: the method takes no file. */
  readonly maxFileBytes: number;
  /** Requests of one caller a minute; null: as many as its token may send. */
  readonly perMinute: number | null;
  /** null where the method takes it: a JSON body, or the fields of a form. */
  refuses(value: unknown): Refusal | null;
}

/** By service, then by method. */
export type RequestSettings = ReadonlyMap<string, ReadonlyMap<string, MethodSettings>>;

/** The content of the file; `REQUESTS_FILE` names it, as for every variable. */
export const requestVariables = { REQUESTS: z.string().optional() };

const MAX_TIMEOUT_MS = 60 * 60 * 1000;
/** Topics and groups are named after services. */
const NAME = /^[a-z0-9][a-z0-9_-]{0,49}$/;
const name = z.string().regex(NAME, {
  error: 'must be 1 to 50 of a-z, 0-9, - and _, and begin with a letter or digit',
});
const wholeNumber = (least: number, most: number) => z.int().min(least).max(most);
const method = z.strictObject({
  lane: z.enum(requestLanes).default('normal'),
  timeoutMs: wholeNumber(100, MAX_TIMEOUT_MS).default(60_000),
  maxBodyBytes: wholeNumber(1, MAX_REQUEST_BODY_BYTES).default(MAX_REQUEST_BODY_BYTES),
  maxFileBytes: wholeNumber(0, MAX_REQUEST_FILE_BYTES).default(MAX_REQUEST_FILE_BYTES),
  perMinute: wholeNumber(1, 1_000_000).optional(),
  schema: z.union([z.boolean(), z.record(z.string(), z.unknown())]).default(true),
});
const methodName = name.refine((one) => !reservedMethods.some((reserved) => reserved === one), {
  error: `must not be ${reservedMethods.join(', ')}: these are addresses of workers`,
});
const file = z.strictObject({
  services: z.record(name, z.strictObject({ methods: z.record(methodName, method) })),
});

/** Returns every mistake, each as one line. */
export function checkRequestSettings({ REQUESTS }: RawValues): string[] {
  return read(REQUESTS).mistakes.map((mistake) => `REQUESTS_FILE: ${mistake}`);
}

/** What the file says; without one, no service is known. Runs after `checkRequestSettings`. @throws RangeError where a mistake is in it */
export function readRequestSettings(text: string | undefined): RequestSettings {
  const { settings, mistakes } = read(text);
  if (mistakes.length > 0) throw new RangeError(mistakes.join('\n'));
  return settings;
}

function read(text: string | undefined): { settings: RequestSettings; mistakes: readonly string[] } {
  const settings = new Map<string, Map<string, MethodSettings>>();
  if (text === undefined) return { settings, mistakes: [] };
  const json = parseJson(text);
  if ('mistake' in json) return { settings, mistakes: [json.mistake] };
  const parsed = file.safeParse(json.value);
  const mistakes = (parsed.error?.issues ?? []).map((issue) =>
    placed(issue.path.join('.'), issue.code === 'invalid_key' ? messageOfKey(issue) : issue.message),
  );
  const schemas = new Ajv2020({ strict: true, strictTuples: false, allowUnionTypes: true });
  for (const [service, { methods }] of Object.entries(parsed.data?.services ?? {})) {
    const compiled = new Map<string, MethodSettings>();
    for (const [one, { schema, perMinute = null, ...rest }] of Object.entries(methods)) {
      const validate = compile(schemas, schema);
      if (typeof validate === 'string')
        mistakes.push(placed(`services.${service}.methods.${one}.schema`, validate));
      else compiled.set(one, { ...rest, perMinute, refuses: (value) => refusalOf(validate, value) });
    }
    settings.set(service, compiled);
  }
  return { settings, mistakes };
}

function placed(path: string, message: string): string {
  return `${path === '' ? 'the whole' : path}: ${message}`;
}

function messageOfKey({ issues }: { readonly issues: readonly { readonly message: string }[] }): string {
  return `the name ${issues.map(({ message }) => message).join(', ')}`;
}

function parseJson(text: string): { value: unknown } | { mistake: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { mistake: `is no JSON: ${error instanceof Error ? error.message : 'unknown reason'}` };
  }
}

/** What is wrong with the schema, as a text. */
function compile(schemas: Ajv2020, schema: boolean | Record<string, unknown>): ValidateFunction | string {
  try {
    return schemas.compile(schema);
  } catch (error) {
    return error instanceof Error ? error.message : 'is no JSON Schema';
  }
}

/** Characters of a field's name that an answer repeats, at most. */
const MAX_FIELD_NAME = 200;

function refusalOf(validate: ValidateFunction, value: unknown): Refusal | null {
  try {
    if (validate(value)) return null;
  } catch (error) {
    // A value that is nested deeply overflows the stack under a schema that refers to itself.
    if (error instanceof RangeError) return { field: '', reason: 'is nested too deeply' };
    throw error;
  }
  const [error] = validate.errors ?? [];
  if (error === undefined) return { field: '', reason: 'is not valid' };
  return { field: toLine(placeOf(error), MAX_FIELD_NAME), reason: error.message ?? 'is not valid' };
}

function placeOf({ instancePath, params }: ErrorObject): string {
  const path = instancePath.split('/').slice(1).map(unescaped);
  const { missingProperty, additionalProperty, unevaluatedProperty } = params as Record<string, unknown>;
  const last = missingProperty ?? additionalProperty ?? unevaluatedProperty;
  return [...path, ...(typeof last === 'string' ? [last] : [])].join('.');
}

/** A name in a JSON pointer (RFC 6901). */
function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
