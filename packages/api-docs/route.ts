/** The description of a route: its parameters, body, answers and problems. Every document is made from it. */
import type { ProblemCode } from '@tidings/contracts/codes.ts';
import type { z } from 'zod';

export const groups = [
  'Channels',
  'Publishing',
  'Imports',
  'Contacts',
  'Requests',
  'Reference',
  'Webhooks',
  'Support',
  'Operators',
  'Documents',
] as const;
export type RouteGroup = (typeof groups)[number];

/** Whose token a route takes, as `Authorization: Bearer`. */
export const bearers = {
  channelToken: "A channel's token, of `channel:open`, `POST /channels` or `POST /imports`.",
  userToken: "A JWT of the site's login.",
  publisherToken: 'A token of `POST /publisher-tokens`.',
  apiKey: '`PUBLISH_API_KEY`.',
  supportToken: '`SUPPORT_TOKEN`.',
} as const;
export type TokenKind = keyof typeof bearers;

export interface AnswerDescription {
  readonly description: string;
  /** The schema of a JSON body. Without it the answer has no body, or one of another type. */
  readonly schema?: z.ZodType;
  /** The type of a body that is not JSON. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BytesDescription {
  /** The media type of the bytes. */
  readonly type: string;
  readonly isRequired: boolean;
}

export interface BodyDescription {
  readonly schema: z.ZodType;
  readonly isRequired: boolean;
  /** A form with a file behind its fields; default JSON. */
  readonly isForm?: boolean;
  /** Whether JSON may also be a form with texts as its fields and one file of any type. */
  readonly mayBeForm?: boolean;
}

export interface RouteDescription {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/channels/{channelId}`. */
  readonly path: string;
  readonly group: RouteGroup;
  readonly summary: string;
  /** Any of them; none: the route takes no token. */
  readonly tokens: readonly TokenKind[];
  /** Whether it also answers without a token. */
  readonly isOpen?: boolean;
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyDescription | BytesDescription;
  /** The answers, by status. */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** The problems that it may answer, besides those of every route. */
  readonly problems?: readonly ProblemCode[];
}

export const idempotencyKey = {
  'Idempotency-Key': '1 to 255 visible ASCII characters: the same request under the same key counts once.',
} as const;
export const preferWait = { Prefer: '`wait=N`: seconds for which the answer is held, 60 at most.' } as const;
export const retryAfter = { 'Retry-After': 'Seconds until to ask again.' } as const;

/** With a token of support a reason is needed. */
export const reasonNeeded = 'Support gives a `reason`; others none.';
