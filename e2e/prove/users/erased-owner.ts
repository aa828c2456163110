/** An owner whom nobody else knows is erased while a file of theirs comes; afterwards nothing of them is left, which the checks see. */
import { pause } from '@tidings/failures/retry.ts';
import type { PatientApi } from './http.ts';
import { sendFile } from './send-file.ts';

/** Milliseconds between two attempts: where imports of the owner run, they end first. */
const AGAIN_MS = 500;

export interface ErasedParts {
  readonly url: string;
  readonly api: PatientApi;
  readonly owner: string;
  readonly bytes: Buffer;
  /** Milliseconds from the beginning of the file to the first attempt. */
  readonly afterMs: number;
  readonly signal: AbortSignal;
}

export async function eraseBesideFile({
  url,
  api,
  owner,
  bytes,
  afterMs,
  signal,
}: ErasedParts): Promise<void> {
  const channel = await api.createChannel(owner);
  const sent = sendFile({ url, channel, bytes, reference: owner, signal });
  await pause(afterMs, signal);
  while (!(await api.eraseOwner(owner))) await pause(AGAIN_MS, signal);
  await sent;
}
