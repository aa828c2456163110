/**
 * One attempt: a POST that follows no redirect, waits ten seconds in all, reads 64 KiB of the answer, and connects to no address that is not allowed.
 * Each attempt has a connection of its own, so that each is checked.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { WebhookAnswer, WebhookError } from '@tidings/contracts/owners/webhooks.ts';
import { codeOf, Failure } from '@tidings/failures/failure.ts';
import {
  type AddressRules,
  checkUrl,
  ForbiddenAddressError,
  hostOf,
  isAllowedAddress,
  resolveAllowed,
} from './addresses.ts';

/** Milliseconds from the look-up of the name to the end of the answer. */
const TIMEOUT_MS = 10_000;
/** What an answer that did not come in time is called. */
const TIMEOUT = 'timeout' satisfies WebhookError;
/** Bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Characters of an answer that are kept. */
const KEPT_CHARACTERS = 500;

export interface PostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly rules: AddressRules;
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Until when the connection must stand (performance.now); later nothing is written. Default: never too late. */
  readonly connectBy?: number;
  /** Ends the attempt, whatever it has come to. */
  readonly signal?: AbortSignal;
}

export interface PostResult {
  readonly answer: WebhookAnswer;
  /** Of `Retry-After` in seconds. */
  readonly retryAfterMs?: number;
}

/** Resolves in any case. */
export async function post(options: PostOptions): Promise<PostResult> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const response = await send(options, signal);
    const body = await readStart(response, signal);
    const status = response.statusCode ?? 0;
    const isDelivered = status >= 200 && status < 300;
    const seconds = /^\d{1,9}$/.exec(response.headers['retry-after'] ?? '')?.[0];
    return {
      answer: { status, body, error: isDelivered ? null : errorOf(status) },
      ...(seconds === undefined || isDelivered ? {} : { retryAfterMs: Number(seconds) * 1000 }),
    };
  } catch (error) {
    const code = signal.aborted ? TIMEOUT : describe(error);
    return { answer: { status: null, body: '', error: code } };
  }
}

function errorOf(status: number): WebhookError {
  if (status >= 300 && status < 400) return 'redirect_not_followed';
  return status === 410 ? 'gone' : 'status_not_2xx';
}

function send(
  { url: text, headers, body, rules, connectBy = Number.POSITIVE_INFINITY }: PostOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = checkUrl(text, rules);
  const isSecure = url.protocol === 'https:';
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const request = (isSecure ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent: false,
      signal,
      lookup: lookupBy(rules),
      headers: {
        ...headers,
        'Content-Type': 'application/json',
        'Content-Length': bytes.length,
        'User-Agent': 'Tidings-Webhooks',
        Connection: 'close',
      },
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.once('socket', (socket) => {
      // An address in the URL has passed no look-up.
      socket.once('connect', () => {
        if (isAllowedAddress(socket.remoteAddress ?? '', rules)) return;
        request.destroy(new ForbiddenAddressError(`${hostOf(url)} leads to an address that is not public.`));
      });
      // Nothing is written before the connection stands: a process that was paused meanwhile may have nothing to say any more.
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        if (request.destroyed) return;
        if (performance.now() > connectBy)
          request.destroy(new Failure(TIMEOUT, 'The connection stands too late.'));
        else request.end(bytes);
      });
    });
  });
}

/** Resolves a name by the rules, for the connection itself: what was checked is what is connected to. */
function lookupBy(rules: AddressRules): LookupFunction {
  return (host, { all }, callback) => {
    resolveAllowed(host, rules).then(
      (addresses) => {
        const [first] = addresses;
        if (all) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

async function readStart(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= MAX_ANSWER_BYTES) break;
    }
  } catch (error) {
    // The status says what has become of the delivery; but a body that never ends is no answer.
    if (signal.aborted) throw error;
  } finally {
    response.destroy();
  }
  return printable(Buffer.concat(parts).subarray(0, MAX_ANSWER_BYTES).toString('utf8')).slice(
    0,
    KEPT_CHARACTERS,
  );
}

/** Without what would act on a terminal or break JSON. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\uFFFD]+/gu, ' ').trim();
}

function describe(error: unknown): WebhookError {
  const code = codeOf(error) ?? '';
  if (code === 'address_forbidden' || code === TIMEOUT) return code;
  if (/^(ENOTFOUND|ENODATA)$/.test(code)) return 'name_not_found';
  if (/CERT|TLS|SSL|ERR_TLS/.test(code)) return 'tls_failed';
  return 'connection_failed';
}
