/** An import that this tab sends: its channel is open before the first byte leaves, so nothing happens unseen. */
import { openChannel, ProblemError, uploadImport } from '@tidings/client/index.ts';
import { brokenUploadProblem, explainError } from '../shell/explain.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import {
  type FollowedImport,
  type FollowOptions,
  feedFromChannel,
  type ImportFeed,
  renewedTokens,
} from './followed-import.ts';
import { needsNoBytes, sendingView } from './import-view.ts';
import type { RememberedImports } from './remembered-imports.ts';

export interface SentImport extends FollowedImport {
  readonly file: File;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Ends an import that has no id yet, unless it is on its way; returns whether it did. */
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
  const stopped = new AbortController();
  void upload(file, feed, { apiUrl: options.apiUrl, stopped });
  const { view, actions } = feed.followed;
  const giveUp = (): boolean => {
    const { importId, upload: sending } = view.peek();
    const waits = sending?.phase === 'opening' || (sending?.phase === 'retrying' && importId === null);
    if (!waits) return false;
    stopped.abort();
    feed.followed.close();
    feed.dispatch({ type: 'upload.given_up' });
    return true;
  };
  const cancel = async (): Promise<void> => {
    try {
      await actions.cancel();
    } finally {
      // The services cut the upload off, too. Where they cannot be reached, nothing more of it is sent all the same.
      stopped.abort();
      feed.dispatch({ type: 'upload.stopped' });
    }
  };
  return { ...feed.followed, actions: { ...actions, cancel }, file, startedAt, giveUp };
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
  readonly stopped: AbortController;
}

async function upload(
  file: File,
  { channel, dispatch, followed }: ImportFeed,
  { apiUrl, stopped }: UploadTarget,
): Promise<void> {
  const { signal } = stopped;
  // An answer may be lost although the services have the whole file; another tab may have cancelled the import.
  const stopIfNotNeeded = (): void => {
    if (needsNoBytes(followed.view.peek())) stopped.abort();
  };
  try {
    const credentials = await channel.ready();
    if (signal.aborted) return;
    dispatch({ type: 'upload.started' });
    const { importId } = await uploadImport({
      baseUrl: apiUrl,
      file,
      channel: credentials,
      signal,
      onWait: (milliseconds, { code }) => {
        dispatch(
          code === 'rate_limited'
            ? { type: 'upload.postponed' }
            : { type: 'upload.retrying', retryAt: Date.now() + milliseconds },
        );
        stopIfNotNeeded();
      },
      onProgress: ({ sentBytes }) => {
        if (sentBytes === 0) stopIfNotNeeded();
        dispatch({ type: 'upload.progress', sentBytes, at: Date.now() });
      },
    });
    dispatch({ type: 'upload.accepted', importId });
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ProblemError && error.code === 'import_cancelled')
      dispatch({ type: 'upload.stopped' });
    else dispatch({ type: 'upload.refused', problem: explainUpload(error) });
  }
}

function explainUpload(error: unknown): PageProblem {
  const isBroken = error instanceof ProblemError && error.code === 'network';
  return isBroken ? brokenUploadProblem : explainError(error);
}
