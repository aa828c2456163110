/**
 * What a page knows of one import, and how each event changes it. Pure: a followed import dispatches the events, components
 * draw the view.
 *
 * Events come from the request that sends the file (in the sending tab only) and from the channel (in every tab). The channel
 * speaks for the services, so where the two disagree, the channel is right.
 */
import type { ImportState } from '@tidings/contracts/import.ts';
import { hasEnded, rowsReported } from '@tidings/contracts/import.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import { type ConnectionKind, type ConnectionView, connectionAfter, isAway } from './connection.ts';

/** `opening`: nothing has been sent, because the server is not ready. */
export type UploadPhase = 'opening' | 'sending' | 'sent' | 'broken';

/** The upload as seen by the tab that sends the file. */
export interface UploadView {
  readonly phase: UploadPhase;
  readonly sentBytes: number;
  /** Bytes of the file. */
  readonly totalBytes: number;
  /** Bytes sent by moments of the last seconds, oldest first: the speed is computed from them. At most `MAX_SAMPLES`. */
  readonly samples: readonly { readonly at: number; readonly bytes: number }[];
}

export interface ImportView {
  readonly importId: string | null;
  readonly fileName: string;
  /** null in a tab that does not send the file. */
  readonly upload: UploadView | null;
  readonly connection: ConnectionView;
  /** The newest state known. */
  readonly state: ImportState | null;
  /** When the state was last known to be true, milliseconds since 1970. */
  readonly stateAt: number | null;
  readonly problem: PageProblem | null;
}

export type ImportEvent =
  | { readonly type: 'upload.started' }
  /** The server receives too many uploads already: this one starts again later, from its first byte. */
  | { readonly type: 'upload.postponed' }
  /** The reader cancelled before anything was sent. */
  | { readonly type: 'upload.given_up' }
  | { readonly type: 'upload.progress'; readonly sentBytes: number; readonly at: number }
  | { readonly type: 'upload.accepted'; readonly importId: string }
  | { readonly type: 'upload.refused'; readonly problem: PageProblem }
  | { readonly type: 'connection'; readonly kind: ConnectionKind; readonly at: number }
  | { readonly type: 'state'; readonly state: ImportState; readonly at: number }
  | { readonly type: 'problem'; readonly problem: PageProblem };

const MAX_SAMPLES = 20;
const SPEED_WINDOW_MS = 5_000;

/** The view of a tab that is about to send a file. */
export function sendingView(file: { name: string; size: number }, at: number): ImportView {
  return {
    importId: null,
    fileName: file.name,
    upload: { phase: 'opening', sentBytes: 0, totalBytes: file.size, samples: [] },
    connection: { kind: 'connecting', since: at },
    state: null,
    stateAt: null,
    problem: null,
  };
}

/** The view of a tab that does not send the file itself. */
export function watchingView(importId: string, fileName: string, at: number): ImportView {
  return {
    importId,
    fileName,
    upload: null,
    connection: { kind: 'connecting', since: at },
    state: null,
    stateAt: null,
    problem: null,
  };
}

export function reduceImport(view: ImportView, event: ImportEvent): ImportView {
  switch (event.type) {
    case 'upload.started':
      return withUpload(view, (upload) => ({ ...upload, phase: 'sending' }));
    case 'upload.postponed':
      return withUpload(view, (upload) => ({ ...upload, phase: 'opening', sentBytes: 0, samples: [] }));
    case 'upload.given_up':
      return { ...view, upload: null };
    case 'upload.progress':
      return withUpload(view, (upload) => applySent(upload, event.sentBytes, event.at));
    case 'upload.accepted':
      return {
        ...withUpload(view, (upload) => ({ ...upload, phase: 'sent', sentBytes: upload.totalBytes })),
        importId: event.importId,
      };
    case 'upload.refused':
      return applyRefusal(view, event.problem);
    case 'connection':
      return applyConnection(view, event.kind, event.at);
    case 'state':
      return applyState(view, event.state, event.at);
    case 'problem':
      return { ...view, problem: event.problem };
  }
}

function withUpload(view: ImportView, change: (upload: UploadView) => UploadView): ImportView {
  if (view.upload === null || view.upload.phase === 'sent') return view;
  return { ...view, upload: change(view.upload) };
}

function applySent(upload: UploadView, sentBytes: number, at: number): UploadView {
  // The request's body is a little longer than the file: it has fields and boundaries around it.
  const bytes = Math.min(Math.max(sentBytes, upload.sentBytes), upload.totalBytes);
  const recent = upload.samples.filter((sample) => at - sample.at <= SPEED_WINDOW_MS);
  const phase = upload.phase === 'opening' ? 'sending' : upload.phase;
  return { ...upload, phase, sentBytes: bytes, samples: [...recent, { at, bytes }].slice(-MAX_SAMPLES) };
}

/** The request failed. Where the services have the whole file, only the answer was lost. */
function applyRefusal(view: ImportView, problem: PageProblem): ImportView {
  if (view.state?.upload === 'sealed') return view;
  return { ...withUpload(view, (upload) => ({ ...upload, phase: 'broken' })), problem };
}

function applyConnection(view: ImportView, kind: ConnectionKind, at: number): ImportView {
  const connection = connectionAfter(view.connection, kind, at);
  return connection === view.connection ? view : { ...view, connection };
}

/** The newest version wins, in whatever order and however often versions come. At the same version an end stays. */
function applyState(view: ImportView, state: ImportState, at: number): ImportView {
  if (view.importId !== null && view.importId !== state.importId) return view;
  if (view.state !== null && isOlder(state, view.state)) return view;
  const next: ImportView = {
    ...view,
    importId: state.importId,
    fileName: state.fileName,
    state,
    stateAt: Math.max(at, view.stateAt ?? 0),
  };
  // The services know better than the failed request what has become of the upload.
  if (state.upload === 'aborted' && next.problem?.code === 'network') return { ...next, problem: null };
  if (state.upload === 'sealed' && next.upload !== null && next.upload.phase !== 'sent') {
    const upload: UploadView = { ...next.upload, phase: 'sent', sentBytes: next.upload.totalBytes };
    return { ...next, upload, problem: null };
  }
  return next;
}

/** Whether `candidate` tells less than the known state. */
export function isOlder(candidate: ImportState, known: ImportState): boolean {
  if (candidate.version !== known.version) return candidate.version < known.version;
  return hasEnded(known) && !hasEnded(candidate);
}

/** Whether the view may lag behind: the import has not ended, and its channel is away or late. */
export function isStale(view: ImportView): boolean {
  if (view.state !== null && hasEnded(view.state)) return false;
  const { kind } = view.connection;
  return isAway(kind) || kind === 'degraded' || kind === 'refused';
}

/** Bytes per second over the last seconds; null before there is enough to compare. */
export function uploadSpeed(upload: UploadView): number | null {
  const first = upload.samples[0];
  const last = upload.samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < 250) return null;
  return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
}

/** Milliseconds until the last byte is sent; null while the speed is not known. */
export function uploadRemaining(upload: UploadView): number | null {
  const speed = uploadSpeed(upload);
  if (upload.phase !== 'sending' || speed === null || speed <= 0) return null;
  return ((upload.totalBytes - upload.sentBytes) * 1000) / speed;
}

/** Milliseconds until the last row is imported; null while the total or the rate is not known. */
export function importRemaining(state: ImportState): number | null {
  if (state.rows.total === null || state.rowsPerSecond <= 0 || hasEnded(state)) return null;
  return (Math.max(state.rows.total - rowsReported(state), 0) * 1000) / state.rowsPerSecond;
}
