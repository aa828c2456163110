/** What the two phases of an import say of themselves: bytes that were sent, rows that were worked off. Pure. */
import type { ImportState } from '@tidings/contracts/import.ts';
import { hasEnded, rowsReported } from '@tidings/contracts/import.ts';
import {
  type ImportView,
  importRemaining,
  isStale,
  type UploadView,
  uploadRemaining,
  uploadSpeed,
} from '../following/import-view.ts';
import { formatBytes, formatCount, formatRemaining, formatRows } from '../words/format.ts';
import { nothingImported } from '../words/words.ts';

export type PhaseMark = 'waiting' | 'running' | 'done' | 'broken';

export interface Phase {
  readonly mark: PhaseMark;
  /** 0 to 1; null where the whole is not known. */
  readonly fraction: number | null;
  /** Said to everybody, also as the bar's value text. */
  readonly text: string;
  /** Speed and time to go. */
  readonly extra: string | null;
}

export function uploadPhase(view: ImportView): Phase {
  const { upload, state } = view;
  if (state?.upload === 'aborted') {
    // Rows, not bytes: of a receiver that died, the services know every row, and only the bytes last heard of.
    const rows = state.rows.total ?? rowsReported(state);
    const text = rows > 0 ? `Broke off after ${formatRows(rows)}` : 'Broke off';
    return { mark: 'broken', fraction: upload === null ? null : sentShare(upload), text, extra: null };
  }
  if (state?.upload === 'sealed') {
    return { mark: 'done', fraction: 1, text: `Complete, ${formatBytes(state.bytes)}`, extra: null };
  }
  if (upload === null) return watchedUpload(state);
  const whole = formatBytes(upload.totalBytes);
  switch (upload.phase) {
    case 'opening':
      return { mark: 'waiting', fraction: 0, text: `Waiting for the server, ${whole} to send`, extra: null };
    case 'broken':
      return { mark: 'broken', fraction: sentShare(upload), text: 'Broke off', extra: null };
    case 'sent':
      return { mark: 'done', fraction: 1, text: `Complete, ${whole}`, extra: null };
    case 'sending':
      return {
        mark: 'running',
        fraction: sentShare(upload),
        text: `${formatBytes(upload.sentBytes)} of ${whole} sent`,
        extra: joinExtra(uploadSpeed(upload), (speed) => `${formatBytes(speed)}/s`, uploadRemaining(upload)),
      };
  }
}

function sentShare({ sentBytes, totalBytes }: UploadView): number {
  return totalBytes === 0 ? 1 : sentBytes / totalBytes;
}

function watchedUpload(state: ImportState | null): Phase {
  if (state === null) return { mark: 'waiting', fraction: 0, text: 'Not known yet', extra: null };
  const text = `${formatBytes(state.bytes)} received so far, sent by another page`;
  return { mark: 'running', fraction: null, text, extra: null };
}

export function importPhase(view: ImportView): Phase {
  const { state } = view;
  if (state === null) {
    const broken = view.problem !== null && view.upload?.phase === 'broken';
    const text = broken ? 'Not started' : 'Starts with the first rows received';
    return { mark: 'waiting', fraction: 0, text, extra: null };
  }
  const reported = rowsReported(state);
  const total = state.rows.total;
  if (hasEnded(state)) return endedImport(state, total ?? reported);
  const extra = isStale(view)
    ? null
    : joinExtra(state.rowsPerSecond, (rate) => `${formatCount(rate)} rows/s`, importRemaining(state));
  if (total === null) {
    const text = `${formatRows(reported)} so far${unknownTotal(view)}`;
    return { mark: reported > 0 ? 'running' : 'waiting', fraction: reported > 0 ? null : 0, text, extra };
  }
  const fraction = total === 0 ? 1 : Math.min(reported / total, 1);
  return { mark: 'running', fraction, text: `${formatCount(reported)} of ${formatRows(total)}`, extra };
}

function endedImport(state: ImportState, whole: number): Phase {
  const reported = rowsReported(state);
  const fraction = whole === 0 ? 1 : reported / whole;
  if (state.upload === 'aborted')
    return { mark: 'broken', fraction, text: `${formatRows(reported)}, all that had arrived`, extra: null };
  const done = state.status === 'completed' || state.status === 'completed_with_errors';
  return {
    mark: done && !nothingImported(state) ? 'done' : 'broken',
    fraction,
    text: `${formatCount(reported)} of ${formatRows(whole)}`,
    extra: null,
  };
}

/** Why the total is not known yet. */
function unknownTotal({ upload, state }: ImportView): string {
  if (upload?.phase === 'broken' || state?.upload === 'aborted') return ', of what had arrived';
  if (upload?.phase === 'sent') return '; the total comes in a moment';
  return '; the total is known when the upload is complete';
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
