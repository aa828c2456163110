/** The two phases of an import, as numbers and words: bytes that were sent, rows that were imported. Pure. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { rowsReported } from '@tidings/contracts/imports/import.ts';
import { contactsWritten, isTakenBackNow } from '../../following/view/import-outcome.ts';
import {
  type ImportView,
  importRemaining,
  importSpeed,
  isSentAgain,
  isStale,
  type UploadView,
  uploadRemaining,
  uploadSpeed,
} from '../../following/view/import-view.ts';
import { formatRemaining } from '../../words/format/format.ts';
import { phaseWords, resendWords, takeBackWords, waitingWords } from '../../words/words.ts';

/** `stopped`: somebody has cancelled it. */
export type PhaseMark = 'waiting' | 'running' | 'done' | 'broken' | 'stopped';

export interface Phase {
  readonly mark: PhaseMark;
  /** 0 to 1; null where the whole is not known. */
  readonly fraction: number | null;
  /** Shown beside the bar, and read out as its value. */
  readonly text: string;
  /** Speed and remaining time, or what is waited for; null where nothing is known. */
  readonly extra: string | null;
}

export function uploadPhase(view: ImportView): Phase {
  const { upload, state } = view;
  if (state?.upload === 'aborted' && !isSentAgain(view)) return endedUpload(state, upload);
  if (state?.upload === 'sealed') {
    return { mark: 'done', fraction: 1, text: phaseWords.complete(state.bytes), extra: null };
  }
  if (upload === null) return watchedUpload(state);
  switch (upload.phase) {
    case 'opening':
      return { mark: 'waiting', fraction: 0, text: phaseWords.waiting(upload.totalBytes), extra: null };
    case 'retrying': {
      const isAnew = isSentAgain(view);
      const fraction = isAnew ? 0 : sentShare(upload);
      return { mark: 'waiting', fraction, text: retryText(upload, isAnew), extra: null };
    }
    case 'broken':
      if (view.cancelWaits !== null)
        return { mark: 'stopped', fraction: sentShare(upload), text: phaseWords.stopped, extra: null };
      return { mark: 'broken', fraction: sentShare(upload), text: phaseWords.brokeOff.atOnce, extra: null };
    case 'sent':
      return { mark: 'done', fraction: 1, text: phaseWords.complete(upload.totalBytes), extra: null };
    case 'sending':
      return {
        mark: 'running',
        fraction: sentShare(upload),
        text: phaseWords.sent(upload.sentBytes, upload.totalBytes),
        extra: joinExtra(uploadSpeed(upload), phaseWords.bytesPerSecond, uploadRemaining(upload)),
      };
  }
}

function retryText({ retryAt }: UploadView, isAnew: boolean): string {
  if (retryAt === null) return resendWords.phaseNow;
  return isAnew ? resendWords.phaseAnew(retryAt) : resendWords.phase(retryAt);
}

function endedUpload(state: ImportState, upload: UploadView | null): Phase {
  // Rows, not bytes: of a receiver that was killed, the services know every row but not the last bytes.
  const rows = state.rows.total ?? rowsReported(state);
  const isCutOff = state.uploadError === 'cancelled';
  const words = isCutOff ? phaseWords.cutOff : phaseWords.brokeOff;
  const text = rows > 0 ? words.after(rows) : words.atOnce;
  const mark = isCutOff ? 'stopped' : 'broken';
  return { mark, fraction: upload === null ? null : sentShare(upload), text, extra: null };
}

function sentShare({ sentBytes, totalBytes }: UploadView): number {
  return totalBytes === 0 ? 1 : sentBytes / totalBytes;
}

function watchedUpload(state: ImportState | null): Phase {
  if (state === null) return { mark: 'waiting', fraction: 0, text: phaseWords.unknown, extra: null };
  return {
    mark: 'running',
    fraction: null,
    text: phaseWords.receivedElsewhere(state.bytes),
    extra: null,
  };
}

export function importPhase(view: ImportView): Phase {
  const { state } = view;
  if (isSentAgain(view)) return { mark: 'waiting', fraction: 0, text: resendWords.again, extra: null };
  if (state === null) {
    const broken = view.problem !== null && view.upload?.phase === 'broken';
    const waits = view.cancelWaits !== null ? phaseWords.unknown : phaseWords.startsLater;
    const text = broken ? phaseWords.notStarted : waits;
    return { mark: 'waiting', fraction: 0, text, extra: null };
  }
  const reported = rowsReported(state);
  const total = state.rows.total;
  const extra = isStale(view) ? null : paceOrWait(view, state);
  if (total === null) {
    const about = estimatedTotal(view, state);
    if (about !== null) {
      const text = phaseWords.rowsOfAbout(reported, about);
      return { mark: 'running', fraction: reported / about, text, extra };
    }
    const text = phaseWords.soFar(reported, whyTotalIsUnknown(view));
    const runs = reported > 0;
    return { mark: runs ? 'running' : 'waiting', fraction: runs ? null : 0, text, extra };
  }
  const fraction = total === 0 ? 1 : Math.min(reported / total, 1);
  return { mark: 'running', fraction, text: phaseWords.rowsOf(reported, total), extra };
}

/** Bytes of a chunk, at most; most chunks of a file that is longer have nearly as many. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Rows of the whole file, by those that its chunks have had so far, to two digits; null where nothing tells them. The page that
 * sends the file alone knows how long it is.
 */
function estimatedTotal({ upload }: ImportView, state: ImportState): number | null {
  if (upload === null || upload.phase === 'broken' || upload.phase === 'opening') return null;
  const reported = rowsReported(state);
  const bytes = Math.min(state.chunks.completed * CHUNK_BYTES, state.bytes);
  if (reported === 0 || bytes === 0) return null;
  const rows = (reported * Math.max(upload.totalBytes, bytes)) / bytes;
  const step = 10 ** Math.max(Math.floor(Math.log10(rows)) - 1, 0);
  return Math.max(Math.round(rows / step) * step, reported);
}

function paceOrWait(view: ImportView, { waitingFor }: ImportState): string | null {
  if (waitingFor !== null) return waitingWords(waitingFor);
  const speed = importSpeed(view);
  const rounded = speed === null ? null : Math.round(speed);
  return joinExtra(rounded, phaseWords.rowsPerSecond, importRemaining(view));
}

/** The undo of an import: contacts that are taken back, or that cannot be. */
export function takeBackPhase(state: ImportState): Phase {
  const { reversed, kept, failed } = state.undo ?? { reversed: 0, kept: 0, failed: 0 };
  const done = reversed + kept + failed;
  const whole = Math.max(contactsWritten(state), done);
  const running = state.undo === null || isTakenBackNow(state);
  return {
    mark: running ? 'running' : 'done',
    fraction: whole === 0 ? 1 : done / whole,
    text: takeBackWords.progress(done, whole),
    extra: null,
  };
}

function whyTotalIsUnknown({ upload, state }: ImportView): string {
  if (upload?.phase === 'broken' || state?.upload === 'aborted') return phaseWords.totalUnknown.broken;
  if (upload?.phase === 'sent') return phaseWords.totalUnknown.sent;
  return phaseWords.totalUnknown.sending;
}

function joinExtra(
  speed: number | null,
  write: (speed: number) => string,
  remaining: number | null,
): string | null {
  const parts = [
    speed !== null && speed > 0 ? write(speed) : null,
    remaining === null ? null : formatRemaining(remaining),
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' · ');
}
