/** Sends what a service has replied to the caller: its status, its body, and those of its headers that are about the body. */

import { MEDIA_TYPE } from '@tidings/contracts/schemas/services/requests.ts';
import { MAX_REPLY_HEADERS } from '@tidings/contracts/services/requests.ts';
import type { RecordHeaders } from '@tidings/event-log/event-log.ts';
import type { Reply } from '@tidings/event-log/request-reply/request-records.ts';
import type { Response } from 'express';
import { answerStatus } from '../../requests/outcomes.ts';

const passedOn: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'content-language',
  'etag',
  'last-modified',
  'link',
  'location',
  'retry-after',
]);
/** A service's own headers. A worker must not steer a proxy in front by them, nor loosen what a browser is told. */
const OWN =
  /^x-(?!(?:accel|lighttpd|reproxy)-|(?:sendfile|(?:frame|content-type|download)-options|xss-protection|dns-prefetch-control|permitted-cross-domain-policies)$)[a-z0-9-]{1,60}$/;
/** What is written between the quotes of HTTP, and no line break. */
const VALUE = /^[\t\x20-\x7e]*$/;

/** By RFC 9110 an answer of these holds no content: what stood behind its headers could be taken for the next answer. */
const withoutContent: ReadonlySet<number> = new Set([204, 205]);

/** Whatever a relative address is relative to. */
const RELATIVE = 'http://relative';

/** Headers on which a browser acts are passed on where their values satisfy these conditions. */
const checked: Readonly<Record<string, (value: string) => boolean>> = {
  'content-type': (value) => MEDIA_TYPE.test(value),
  // A browser would run the code of `javascript:` and its like.
  location: (value) => URL.canParse(value, RELATIVE) && /^https?:$/.test(new URL(value, RELATIVE).protocol),
};

/** With these headers a browser runs nothing of a reply under our origin, and shows it in no frame. */
const sandboxed = "default-src 'none'; frame-ancestors 'none'; sandbox";

export function sendReply(response: Response, { status, headers, body }: Reply): void {
  response.set('Content-Security-Policy', sandboxed);
  for (const [name, value] of Object.entries(replyHeaders(headers))) response.setHeader(name, value);
  response.status(answerStatus(status)).end(withoutContent.has(status) ? undefined : body);
}

/** The headers of a reply that reach its caller. */
function replyHeaders(headers: RecordHeaders): Record<string, string> {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const fitting = named.filter(
    ([name, value]) =>
      (passedOn.has(name) || OWN.test(name)) && VALUE.test(value) && (checked[name]?.(value) ?? true),
  );
  // Headers about the body come first, so that none of them is left out where not all headers fit.
  const sorted = fitting.sort(([one], [other]) => Number(passedOn.has(other)) - Number(passedOn.has(one)));
  return Object.fromEntries(sorted.slice(0, MAX_REPLY_HEADERS));
}
