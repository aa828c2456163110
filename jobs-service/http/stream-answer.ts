/** Answers of authenticated requests that are sent part by part, as the client takes them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '@tidings/failures/failure.ts';
import { refuseRevoked } from '@tidings/service-kit/access/authenticate.ts';
import type { Response } from 'express';

const ENDS: ReadonlySet<string> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'token_invalid']);

/** Resolves once the client has taken the last part, or has left. The answer breaks off where the bearer's tokens are taken back meanwhile. */
export async function streamAnswer(
  response: Response,
  parts: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  try {
    await pipeline(Readable.from(whilePermitted(parts, response)), response);
  } catch (error) {
    // The client has left, did not read, or may read no more.
    if (!ENDS.has(codeOf(error) ?? '')) throw error;
  }
}

async function* whilePermitted<Part>(parts: AsyncIterable<Part>, response: Response): AsyncGenerator<Part> {
  for await (const part of parts) {
    refuseRevoked(response);
    yield part;
  }
}
