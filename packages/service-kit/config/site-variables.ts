/** The variables that say where people reach this server, whose pages may use it, and whether it needs a login. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { Site } from '../http/site.ts';
import { commonVariables, type RawValues } from './config.ts';

const hostsError = 'must hold host names such as tidings.example.org, parted by commas';

export const siteVariables = {
  /** The address that people type. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).optional(),
  /** Further origins whose pages may use this server. */
  ALLOWED_ORIGINS: commaList(
    z.string().refine(isOrigin, { error: 'must hold origins such as https://example.org, parted by commas' }),
  ),
  /** Further names that this server answers to, without port. */
  ALLOWED_HOSTS: commaList(
    z
      .string()
      .refine(isHostName, { error: hostsError })
      .transform((name) => new URL(`http://${name}`).hostname),
  ),
  /** `true`: on a network, and without a login, whoever reaches this server is its one owner. */
  ALLOW_ANYONE: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
};

const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
/** Values of HOST that listen on every address of the machine, and are no names. */
const anyAddress: readonly string[] = ['0.0.0.0', '::'];

export function siteOf(config: {
  readonly HOST: string;
  readonly PUBLIC_URL?: string;
  readonly ALLOWED_ORIGINS: readonly string[];
  readonly ALLOWED_HOSTS: readonly string[];
}): Site {
  const { HOST, PUBLIC_URL, ALLOWED_ORIGINS, ALLOWED_HOSTS } = config;
  const publicUrl = PUBLIC_URL === undefined ? [] : [new URL(PUBLIC_URL)];
  const origins = [...ALLOWED_ORIGINS, ...publicUrl.map(({ origin }) => origin)];
  const own = anyAddress.includes(HOST) ? [] : [isIP(HOST) === 6 ? `[${HOST}]` : HOST.toLowerCase()];
  return {
    hosts: new Set([
      ...loopbackNames,
      ...own,
      ...ALLOWED_HOSTS,
      ...origins.map((origin) => new URL(origin).hostname),
    ]),
    origins: new Set(origins),
    isHttps: publicUrl.some(({ protocol }) => protocol === 'https:'),
  };
}

/** Refuses a HOST on a network without a login, unless ALLOW_ANYONE says that it is meant. */
export function checkSite(values: RawValues): string[] {
  const host = values.HOST ?? commonVariables.HOST.parse(undefined);
  const hasLogin = values.USER_JWT_SECRET !== undefined || values.USER_JWKS_URL !== undefined;
  if (isLoopback(host) || hasLogin || values.ALLOW_ANYONE === 'true') return [];
  return [
    `HOST ${host} is open to a network, and nobody has to sign in: set USER_JWT_SECRET or USER_JWKS_URL, ` +
      'or ALLOW_ANYONE=true if whoever reaches it may see and change everything',
  ];
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 6) return new URL(`http://[${host}]`).hostname === '[::1]';
  return host.toLowerCase() === 'localhost' || (isIP(host) === 4 && host.startsWith('127.'));
}

function commaList<Item extends z.ZodType<string, string>>(item: Item) {
  return z
    .string()
    .transform((list) =>
      list
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .pipe(z.array(item))
    .default([]);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isHostName(text: string): boolean {
  return /^(\[[\da-f:.]+\]|[^\s:/?#@\\[\]*]+)$/i.test(text) && URL.canParse(`http://${text}`);
}
