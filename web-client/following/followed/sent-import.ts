/** An import that this tab sends: its channel is open before the first byte leaves, so nothing happens unseen. */
import { openChannel, ProblemError, type UploadFields, uploadImport } from '@tidings/client/index.ts';
import { brokenUploadProblem, explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { untilAnswered } from '../../shell/services/until-answered.ts';
import type { RememberedImports } from '../access/remembered-imports.ts';
import { mayBeGivenUp, needsNoBytes, sendingView } from '../view/import-view.ts';
import {
  type FollowedImport,
  type FollowOptions,
  feedFromChannel,
  type ImportFeed,
  renewedTokens,
} from './followed-import.ts';

export interface SentImport extends FollowedImport {
  sendAgain(): void;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /**
   * Ends an import that has no id yet. Where bytes of the file have left, the services may have it: then it asks until they say
   * whether they have, and cancels the import.
   */
  giveUp(): void;
}

/**
 * What was done with an import that was given up. `not_sent`: no byte of it has left. `nothing_received`: an answer was lost, and
 * the services say that they have nothing. `cut_off`: it was on its way, and they have nothing so far.
 */
export type GivenUp = 'not_sent' | 'nothing_received' | 'cut_off';

export interface SendListener {
  /** Called once, when the import has its id and is remembered. */
  onKnown(importId: string): void;
  /** Called once, when an import was given up of which the services know nothing. */
  onGivenUp(how: GivenUp): void;
}

/** How the file is read. */
export type SentFields = Omit<UploadFields, 'channelId' | 'channelToken'>;

export interface FileToSend {
  readonly file: File;
  readonly fields: SentFields;
}

/** Sends a file. */
export function sendImport(sent: FileToSend, options: FollowOptions, listener: SendListener): SentImport {
  const { file } = sent;
  const startedAt = Date.now();
  const { hubUrl, fetchUserToken } = options;
  const channel = openChannel({ url: hubUrl, fetchUserToken, storage: renewedTokens(options.remembered) });
  const feed = feedFromChannel(channel, sendingView(file, startedAt), options);
  rememberOnceKnown(feed, { file, startedAt, remembered: options.remembered }, listener);
  const stopped = new AbortController();
  let answersLost = 0;
  const onAnswerLost = (): void => {
    answersLost += 1;
  };
  const { apiUrl, patienceMs } = options;
  const target = { apiUrl, patienceMs, stopped, onAnswerLost };
  void upload(sent, feed, target);
  const { view, actions } = feed.followed;
  const sendAgain = (): void => {
    if (stopped.signal.aborted || view.peek().upload?.phase !== 'broken') return;
    feed.dispatch({ type: 'upload.again' });
    void upload(sent, feed, target);
  };
  const stopSending = (): void => {
    if (stopped.signal.aborted) return;
    stopped.abort();
    feed.dispatch({ type: 'upload.stopped' });
  };
  const cancel = async (): Promise<void> => {
    // The services cut the upload off, too. Where they do not answer, nothing more of it is sent all the same.
    const stop = view.subscribe(({ cancelWaits }) => {
      if (cancelWaits !== null) stopSending();
    });
    try {
      await actions.cancel();
    } finally {
      stop();
      stopSending();
    }
  };
  const giveUp = (): void => {
    if (!mayBeGivenUp(view.peek())) return;
    const isOnItsWay = view.peek().upload?.phase === 'sending';
    if (answersLost > 0 || isOnItsWay) {
      stopSending();
      feed.dispatch({ type: answersLost > 0 ? 'cancel.unanswered' : 'cancel.asked' });
      cancelIfReceived(feed, cancel, options).then(
        (isReceived) => {
          if (!isReceived) listener.onGivenUp(isOnItsWay ? 'cut_off' : 'nothing_received');
        },
        // What the services refuse, or the end of the page leaves open, stays as the page shows it: not answered.
        () => undefined,
      );
      return;
    }
    stopped.abort();
    feed.followed.close();
    feed.dispatch({ type: 'upload.given_up' });
    listener.onGivenUp('not_sent');
  };
  return { ...feed.followed, actions: { ...actions, cancel }, startedAt, sendAgain, giveUp };
}

/**
 * Cancels what the services have of a file, whenever the channel or the list of imports tells of it.
 *
 * @returns whether they have anything, as far as the list says
 */
async function cancelIfReceived(
  { api, channel, dispatch, followed: { view } }: ImportFeed,
  cancel: () => Promise<void>,
  { pageEnd }: Pick<FollowOptions, 'pageEnd'>,
): Promise<boolean> {
  // The subscription goes on after the list was read: an import that the services have in hand may appear later.
  const stop = view.subscribe(({ importId }) => {
    if (importId === null) return;
    queueMicrotask(() => stop());
    void cancel();
  });
  const { items } = await untilAnswered(() => api.listImports(), {
    signal: pageEnd,
    onWait: () => dispatch({ type: 'cancel.unanswered' }),
  });
  const known = items.find(({ channelId }) => channelId === channel.credentials?.channelId);
  if (known !== undefined) dispatch({ type: 'state', state: known, at: Date.now() });
  if (view.peek().importId !== null) return true;
  dispatch({ type: 'cancel.answered' });
  return false;
}

interface Sending {
  readonly file: File;
  readonly startedAt: number;
  readonly remembered: RememberedImports;
}

function rememberOnceKnown(
  { channel, followed }: ImportFeed,
  { file, startedAt, remembered }: Sending,
  { onKnown }: Pick<SendListener, 'onKnown'>,
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
      keptAt: startedAt,
      status: null,
      rows: null,
      endedVersion: null,
      nothingImported: false,
      cancelWaits: false,
    });
    onKnown(importId);
  });
}

interface UploadTarget extends Pick<FollowOptions, 'apiUrl' | 'patienceMs'> {
  readonly stopped: AbortController;
  /** Called where the services may have received the file, and nobody knows. */
  readonly onAnswerLost: () => void;
}

async function upload(
  { file, fields }: FileToSend,
  { channel, dispatch, followed }: ImportFeed,
  { apiUrl, patienceMs, stopped, onAnswerLost }: UploadTarget,
): Promise<void> {
  const { signal } = stopped;
  /** Until the next attempt. */
  let waiting: ReturnType<typeof setTimeout> | undefined;
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
      fields,
      channel: credentials,
      // Each import has a channel of its own, so all that is sent of this file is one import.
      idempotencyKey: credentials.channelId,
      patienceMs,
      signal,
      onWait: (milliseconds, { code }) => {
        if (code !== 'rate_limited') onAnswerLost();
        clearTimeout(waiting);
        if (code === 'rate_limited') dispatch({ type: 'upload.postponed' });
        else {
          dispatch({ type: 'upload.retrying', retryAt: Date.now() + milliseconds });
          waiting = setTimeout(() => dispatch({ type: 'upload.trying' }), milliseconds);
        }
        stopIfNotNeeded();
      },
      onProgress: ({ sentBytes }) => {
        stopIfNotNeeded();
        dispatch({ type: 'upload.progress', sentBytes, at: Date.now() });
      },
    });
    dispatch({ type: 'upload.accepted', importId });
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ProblemError && error.code === 'import_cancelled')
      dispatch({ type: 'upload.stopped' });
    else dispatch({ type: 'upload.refused', problem: explainUpload(error) });
  } finally {
    clearTimeout(waiting);
  }
}

function explainUpload(error: unknown): PageProblem {
  const isBroken = error instanceof ProblemError && error.code === 'network';
  return isBroken ? brokenUploadProblem() : explainError(error);
}
