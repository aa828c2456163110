/** Answers that are sent part by part, as the client takes them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '@tidings/failures/failure.ts';
import type { Response } from 'express';

/** Resolves once the client has taken the last part, or has left. */
export async function streamAnswer(
  response: Response,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  try {
    await pipeline(Readable.from(parts), response);
  } catch (error) {
    // The client has left, or did not read.
    if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
