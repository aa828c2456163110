/** The place of an import in lists, and the cursor that names it. */
import type { ImportPosition } from '@tidings/contact-store/kept-imports.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { z } from 'zod';

/** `acceptedAt` and `importId`; the database has no year 0. */
const cursorSchema = z.tuple([z.iso.datetime().refine((at) => at >= '1970'), z.uuid()]);

/** The order of lists: newest accepted first, then by id, descending. */
export function comparePositions(one: ImportPosition, other: ImportPosition): number {
  return compare(other.acceptedAt, one.acceptedAt) || compare(other.importId, one.importId);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** As a cursor. */
export function encodePosition({ acceptedAt, importId }: ImportPosition): string {
  return Buffer.from(JSON.stringify([acceptedAt, importId])).toString('base64url');
}

/** @throws Problem invalid_request, where the cursor is not one of ours */
export function decodePosition(cursor: string): ImportPosition {
  try {
    const json: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [acceptedAt, importId] = cursorSchema.parse(json);
    return { acceptedAt, importId };
  } catch {
    throw new Problem('invalid_request', 'The cursor is not one of ours.', { field: 'cursor' });
  }
}
