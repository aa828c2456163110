/**
 * A lease as its worker knows it: which instance handed the request out, and all that another instance needs to pass a reply on. It is
 * signed, so no instance keeps a table of leases of others.
 */
import type { Tags } from '@tidings/service-kit/access/tags.ts';
import { z } from 'zod';

export interface RequestLease {
  readonly leaseId: string;
  /** The instance that handed the request out. */
  readonly holder: string;
  readonly requestId: string;
  readonly replyTo: string;
  readonly correlationId: string;
  /** Milliseconds since 1970: the deadline of the request. */
  readonly deadline: number;
}

const PURPOSE = 'lease';
const text = z.string().max(300);
const schema = z.tuple([text, text, text, text, text, z.number()]);

export function leaseToken(tags: Tags, lease: RequestLease): string {
  const { leaseId, holder, requestId, replyTo, correlationId, deadline } = lease;
  const fields = [leaseId, holder, requestId, replyTo, correlationId, deadline];
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url');
  return `${payload}.${tags.make(PURPOSE, payload)}`;
}

/** null where the token is none of ours. */
export function readLeaseToken(tags: Tags, token: string): RequestLease | null {
  const [payload = '', tag = ''] = token.split('.');
  if (!tags.isOurs(PURPOSE, payload, tag)) return null;
  const [leaseId, holder, requestId, replyTo, correlationId, deadline] = schema.parse(
    JSON.parse(Buffer.from(payload, 'base64url').toString()),
  );
  return { leaseId, holder, requestId, replyTo, correlationId, deadline };
}
