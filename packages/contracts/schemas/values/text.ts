/** The kinds of text. All text that comes in by HTTP, by a socket or from the log is one of them. */
import { z } from 'zod';
import { withUsualNewlines } from '../../text.ts';

const LINE = /^[^\p{Cc}\p{Cs}]*$/u;
const LINES = /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u;
const CELL = /^[^\0\p{Cs}]*$/u;

const error = 'must not hold control characters or halves of surrogate pairs';

/** A cell of a file: any text without NUL. @param length Unicode characters, at most */
export function cellSchema(length: number) {
  return z.string().max(length).regex(CELL, { error: 'must not hold NUL or halves of surrogate pairs' });
}

/** One line. @param length Unicode characters, at most */
export function lineSchema(length: number) {
  return z.string().max(length).regex(LINE, { error });
}

/** Any number of lines. @param length Unicode characters, at most */
export function textSchema(length: number) {
  return z.string().max(length).regex(LINES, { error });
}

/** Any number of lines, as they are stored: trimmed, with usual newlines. @param length Unicode characters, at most */
export function storedTextSchema(length: number) {
  return z.string().overwrite(withUsualNewlines).max(length).regex(LINES, { error }).trim();
}

/** 1 to 255 characters: whose an import and its contacts are. Those that a login names are printable, too. */
export const ownerSchema = lineSchema(255).min(1);
