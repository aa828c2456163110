/** An import that this tab sends: its channel is open before the first byte leaves, so nothing happens unseen. */
import { openChannel, ProblemError, uploadImport } from '@tidings/client/index.ts';
import { brokenUploadProblem, explainError, unreadableProblem } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import {
  type FollowedImport,
  type FollowOptions,
  feedFromChannel,
  type ImportFeed,
  renewedTokens,
} from './followed-import.ts';
import { sendingView } from './import-view.ts';
import type { RememberedImports } from './remembered-imports.ts';

export interface SentImport extends FollowedImport {
  readonly file: File;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Ends the import if nothing of the file has been sent yet; returns whether it did. */
  giveUp(): boolean;
}

/** Sends a file. `onKnown` is called once, when the import has its id and is remembered. */
export function sendImport(
  file: File,
  options: FollowOptions,
  onKnown: (importId: string) => void,
): SentImport {
  const startedAt = Date.now();
  const channel = openChannel({ url: options.hubUrl, storage: renewedTokens(options.remembered) });
  const feed = feedFromChannel(channel, sendingView(file, startedAt), options);
  rememberOnceKnown(feed, { file, startedAt, remembered: options.remembered }, onKnown);
  const givenUp = new AbortController();
  void upload(file, feed, { apiUrl: options.apiUrl, signal: givenUp.signal });
  const giveUp = (): boolean => {
    if (feed.followed.view.peek().upload?.phase !== 'opening') return false;
    givenUp.abort();
    feed.followed.close();
    feed.dispatch({ type: 'upload.given_up' });
    return true;
  };
  return { ...feed.followed, file, startedAt, giveUp };
}

interface Sending {
  readonly file: File;
  readonly startedAt: number;
  readonly remembered: RememberedImports;
}

function rememberOnceKnown(
  { channel, followed }: ImportFeed,
  { file, startedAt, remembered }: Sending,
  onKnown: (importId: string) => void,
): void {
  const stop = followed.view.subscribe(({ importId }) => {
    const { credentials } = channel;
    if (importId === null || credentials === null) return;
    // The signal may call before `subscribe` has returned `stop`.
    queueMicrotask(() => stop());
    remembered.save({
      ...credentials,
      importId,
      fileName: file.name,
      startedAt,
      status: null,
      rows: null,
      nothingImported: false,
    });
    onKnown(importId);
  });
}

interface UploadTarget {
  readonly apiUrl: string | undefined;
  readonly signal: AbortSignal;
}

async function upload(
  file: File,
  { channel, dispatch }: ImportFeed,
  { apiUrl, signal }: UploadTarget,
): Promise<void> {
  try {
    const credentials = await channel.ready();
    if (signal.aborted) return;
    dispatch({ type: 'upload.started' });
    const { importId } = await uploadImport({
      baseUrl: apiUrl,
      file,
      channel: credentials,
      signal,
      onWait: () => dispatch({ type: 'upload.postponed' }),
      onProgress: ({ sentBytes }) => dispatch({ type: 'upload.progress', sentBytes, at: Date.now() }),
    });
    dispatch({ type: 'upload.accepted', importId });
  } catch (error) {
    if (!signal.aborted) dispatch({ type: 'upload.refused', problem: await explainUpload(error, file) });
  }
}

/** Where no answer came, either the network failed or the browser could not read the file to its end. */
async function explainUpload(error: unknown, file: File): Promise<PageProblem> {
  if (!(error instanceof ProblemError) || error.code !== 'network') return explainError(error);
  return (await isReadable(file)) ? brokenUploadProblem : unreadableProblem;
}

async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
