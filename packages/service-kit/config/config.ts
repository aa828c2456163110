/**
 * Settings from the environment. Every mistake is found and listed at once, before anything is started. Any variable may
 * come as `NAME_FILE`, the path of a file that holds its value.
 */

import { readFileSync } from 'node:fs';
import { DEFAULT_RETENTION_DAYS, DEFAULT_UPLOAD_MAX_BYTES } from '@tidings/contracts/limits.ts';
import { Failure } from '@tidings/failures/failure.ts';
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Mistakes in the settings, one line each, naming the variable. */
export class ConfigError extends Failure {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      'config_invalid',
      `The settings are not valid:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`,
    );
    this.mistakes = mistakes;
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const port = wholeNumber(0, 65_535, 'a port');

/** Variables that every service knows. */
export const commonVariables = {
  PORT: port.default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  /** A port of its own for health and metrics; they are then served there alone. */
  HEALTH_PORT: port.optional(),
  LOG_LEVEL: z
    .enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` })
    .default('info' satisfies LogLevel),
  SHUTDOWN_TIMEOUT_MS: wholeNumber(100, 600_000, 'milliseconds').default(10_000),
};

/** Variables of services that stand behind a reverse proxy. */
export const proxyVariables = {
  /** Proxies in front whose `X-Forwarded-For` may be believed. */
  TRUST_PROXY: wholeNumber(0, 10, 'proxies').default(0),
};

export const retentionVariables = {
  /** Days after an import's end for which its before-images, rejected rows and ledger are kept. */
  RETENTION_DAYS: wholeNumber(1, 3_650, 'days').default(DEFAULT_RETENTION_DAYS),
};

export const uploadVariables = {
  /** Bytes of a file. */
  UPLOAD_MAX_BYTES: wholeNumber(1, 2 ** 40, 'bytes').default(DEFAULT_UPLOAD_MAX_BYTES),
};

export function wholeNumber(least: number, most: number, what: string) {
  const error = `must be ${what}: a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, { error })
    .transform(Number)
    .pipe(z.number().min(least, { error }).max(most, { error }));
}

export function secret(leastLength: number) {
  return z.string().min(leastLength, { error: `must have at least ${leastLength} characters` });
}

/** The variables that are set, as they stand there. */
export type RawValues = Readonly<Record<string, string>>;

/**
 * Reads the variables of a shape. An empty variable counts as not set.
 * @param check finds mistakes that no variable shows alone, one line each
 * @throws ConfigError with every mistake
 */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Environment,
  check: (values: RawValues) => readonly string[] = () => [],
): z.infer<z.ZodObject<Shape>> {
  const mistakes = new Map<string, string>();
  const values: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    const read = readVariable(name, environment);
    if ('mistake' in read) mistakes.set(name, read.mistake);
    else if (read.value !== undefined) values[name] = read.value;
  }
  const parsed = z.object(shape).safeParse(values);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (mistakes.has(name)) continue;
    mistakes.set(
      name,
      values[name] === undefined ? `${name} is not set, and is needed` : `${name} ${issue.message}`,
    );
  }
  const all = [...mistakes.values(), ...check(values)];
  if (!parsed.success || all.length > 0) throw new ConfigError(all);
  return parsed.data;
}

function readVariable(
  name: string,
  environment: Environment,
): { value: string | undefined } | { mistake: string } {
  const value = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (file === undefined) return { value };
  if (value !== undefined) return { mistake: `${name} and ${name}_FILE are both set: keep one` };
  try {
    return { value: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    return {
      mistake: `${name}_FILE names a file that cannot be read: ${error instanceof Error ? error.message : error}`,
    };
  }
}
