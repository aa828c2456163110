/**
 * Text from outside, as every part of the system can take it: a database takes no NUL, and half of a surrogate pair has no bytes.
 * Whatever comes in by HTTP, by a socket or from the log is one of the kinds here.
 */
import { z } from 'zod';

const LINE = /^[^\p{Cc}\p{Cs}]*$/u;
const LINES = /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u;
const CELL = /^[^\0\p{Cs}]*$/u;
const NO_TEXT = /[\p{Cc}\p{Cs}]/gu;

const error = 'must not hold control characters or halves of surrogate pairs';

/** What a cell of a file may hold, and a program have written: all but NUL. @param length UTF-16 units, at most */
export function cellSchema(length: number) {
  return z.string().max(length).regex(CELL, { error: 'must not hold NUL or halves of surrogate pairs' });
}

/** One line. @param length UTF-16 units, at most */
export function lineSchema(length: number) {
  return z.string().max(length).regex(LINE, { error });
}

/** Any number of lines. @param length UTF-16 units, at most */
export function textSchema(length: number) {
  return z.string().max(length).regex(LINES, { error });
}

/**
 * The text as one line, for what may be called anything, and is only shown.
 * @param length characters that are kept, at most; none of them is cut apart
 */
export function toLine(text: string, length: number): string {
  return [...text.replace(NO_TEXT, '')].slice(0, length).join('');
}

/** 1 to 255 printable characters: whose an import and its contacts are. */
export const ownerSchema = lineSchema(255).min(1);
