/**
 * What a page knows of one import, and how each event changes it. Pure: a followed import dispatches the events, components
 * draw the view.
 *
 * Events come from the request that sends the file (in the sending tab only) and from the channel (in every tab). The channel
 * speaks for the services, so where the two disagree, the channel is right.
 */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import {
  hasEnded,
  type ImportStatus,
  isAtRest,
  MAX_MENDED_BY,
  rowsReported,
} from '@tidings/contracts/imports/import.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { type ConnectionKind, type ConnectionView, connectionAfter, isAway } from './connection.ts';
import { perSecond, type Sample, timeFor, withSample } from './pace.ts';

/**
 * `opening`: nothing has been sent, because the server is not ready. `retrying`: it broke off, and goes on by itself.
 * `broken`: it has ended without its last byte.
 */
export type UploadPhase = 'opening' | 'sending' | 'retrying' | 'sent' | 'broken';

/** The upload as seen by the tab that sends the file. */
export interface UploadView {
  readonly phase: UploadPhase;
  readonly sentBytes: number;
  /** Bytes of the file. */
  readonly totalBytes: number;
  /** Bytes sent by moments of the last seconds, oldest first. */
  readonly samples: readonly Sample[];
  /** While it is retrying: when it goes on, milliseconds since 1970; null once that time has come. */
  readonly retryAt: number | null;
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
  /** Rows reported by moments of the last seconds, oldest first. */
  readonly rowSamples: readonly Sample[];
  readonly problem: PageProblem | null;
  /** By id, the statuses of the imports of mended rows that the channel has told of, `MAX_MENDED_BY` at most: those that it told of first are left out. */
  readonly menders: ReadonlyMap<string, ImportStatus>;
  /**
   * The reader has cancelled, and the services have not said yet what has become of the import. `asked`: they are being asked.
   * `unanswered`: they did not answer, and the page asks again. null: nothing is open.
   */
  readonly cancelWaits: 'asked' | 'unanswered' | null;
}

export type ImportEvent =
  | { readonly type: 'upload.started' }
  /** The server receives too many uploads already: this one starts again later, from its first byte. */
  | { readonly type: 'upload.postponed' }
  /** The reader has it sent again, after it had ended without its last byte. */
  | { readonly type: 'upload.again' }
  /** It broke off, and goes on at that time, with what the services do not have. */
  | { readonly type: 'upload.retrying'; readonly retryAt: number }
  /** That time has come: the services are asked, which may not answer for long. */
  | { readonly type: 'upload.trying' }
  /** The reader cancelled before anything was sent. */
  | { readonly type: 'upload.given_up' }
  /** The reader stopped the import while its file was on the way. */
  | { readonly type: 'upload.stopped' }
  /** The reader has cancelled, and whether the services have anything of the import is being asked. */
  | { readonly type: 'cancel.asked' }
  /** The reader has cancelled, and no answer came. */
  | { readonly type: 'cancel.unanswered' }
  | { readonly type: 'cancel.answered' }
  | { readonly type: 'upload.progress'; readonly sentBytes: number; readonly at: number }
  | { readonly type: 'upload.accepted'; readonly importId: string }
  | { readonly type: 'upload.refused'; readonly problem: PageProblem }
  | { readonly type: 'connection'; readonly kind: ConnectionKind; readonly at: number }
  | { readonly type: 'state'; readonly state: ImportState; readonly at: number }
  | { readonly type: 'problem'; readonly problem: PageProblem };

/** Milliseconds of samples before which a speed, and a time to go, would be a guess. */
const LEAST_UPLOAD_MS = 250;
const LEAST_IMPORT_MS = 5_000;

/** The view of a tab that is about to send a file. */
export function sendingView(file: { name: string; size: number }, at: number): ImportView {
  const upload: UploadView = {
    phase: 'opening',
    sentBytes: 0,
    totalBytes: file.size,
    samples: [],
    retryAt: null,
  };
  return { ...newView(file.name, at), upload };
}

/** The view of a tab that does not send the file itself. */
export function watchingView(importId: string, fileName: string, at: number): ImportView {
  return { ...newView(fileName, at), importId };
}

function newView(fileName: string, at: number): ImportView {
  return {
    importId: null,
    fileName,
    upload: null,
    connection: { kind: 'connecting', since: at },
    state: null,
    stateAt: null,
    rowSamples: [],
    problem: null,
    menders: new Map(),
    cancelWaits: null,
  };
}

export function reduceImport(view: ImportView, event: ImportEvent): ImportView {
  switch (event.type) {
    case 'upload.started':
      return withUpload(view, (upload) => ({ ...upload, phase: 'sending' }));
    case 'upload.postponed':
      return withUpload(view, (upload) => ({ ...upload, phase: 'opening', sentBytes: 0, samples: [] }));
    case 'upload.retrying':
      if (isCancelled(view.state)) return view;
      return withUpload(view, (upload) => ({
        ...upload,
        phase: 'retrying',
        samples: [],
        retryAt: event.retryAt,
      }));
    case 'upload.trying':
      return withUpload(view, (upload) => ({ ...upload, retryAt: null }));
    case 'upload.again':
      return {
        ...withUpload(view, (upload) => ({ ...upload, phase: 'opening', sentBytes: 0, samples: [] })),
        problem: null,
      };
    case 'upload.given_up':
      return { ...view, upload: null };
    case 'upload.stopped':
      return withUpload(view, (upload) => ({ ...upload, phase: 'broken' }));
    case 'cancel.asked':
      return withCancelWaits(view, 'asked');
    case 'cancel.unanswered':
      return withCancelWaits(view, 'unanswered');
    case 'cancel.answered':
      return withCancelWaits(view, null);
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

function withCancelWaits(view: ImportView, cancelWaits: ImportView['cancelWaits']): ImportView {
  return view.cancelWaits === cancelWaits ? view : { ...view, cancelWaits };
}

function withUpload(view: ImportView, change: (upload: UploadView) => UploadView): ImportView {
  if (view.upload === null || view.upload.phase === 'sent') return view;
  return { ...view, upload: change(view.upload) };
}

function applySent(upload: UploadView, sentBytes: number, at: number): UploadView {
  const isRetrying = upload.phase === 'retrying';
  // An attempt that sends the whole file begins with 0 bytes, whether or not the server can be reached.
  if (isRetrying && sentBytes === 0) return upload;
  // The request's body is a little longer than the file: it has fields and boundaries around it. An attempt begins with what the server has.
  const bytes = Math.min(isRetrying ? sentBytes : Math.max(sentBytes, upload.sentBytes), upload.totalBytes);
  const phase = upload.phase === 'opening' || isRetrying ? 'sending' : upload.phase;
  return { ...upload, phase, sentBytes: bytes, samples: withSample(upload.samples, { at, amount: bytes }) };
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
  if (view.importId !== null && view.importId !== state.importId) return withMender(view, state);
  if (view.state !== null && isOlder(state, view.state)) return view;
  const next: ImportView = {
    ...view,
    importId: state.importId,
    fileName: state.fileName,
    state: withLookedUp(state, view.state),
    stateAt: Math.max(at, view.stateAt ?? 0),
    rowSamples: rowSamplesAfter(view, state, at),
  };
  // A tab that does not send the file could not be told the state; now it is.
  if (view.upload === null && view.state === null && view.problem?.retriable)
    return { ...next, problem: null };
  // The services know better than the failed request what has become of the upload.
  if (state.upload === 'aborted' && next.problem?.code === 'network') return { ...next, problem: null };
  if (isCancelled(state))
    return { ...withUpload(next, (upload) => ({ ...upload, phase: 'broken' })), problem: null };
  if (state.upload === 'sealed' && next.upload !== null && next.upload.phase !== 'sent') {
    const upload: UploadView = { ...next.upload, phase: 'sent', sentBytes: next.upload.totalBytes };
    return { ...next, upload, problem: null };
  }
  return next;
}

/** An import of mended rows uses the channel of the import that it mends, and so does one that mends that. */
function withMender(view: ImportView, { mends, importId, status }: ImportState): ImportView {
  if (mends === null || view.menders.get(importId) === status) return view;
  const menders = [...new Map(view.menders).set(importId, status)];
  return { ...view, menders: new Map(menders.slice(-MAX_MENDED_BY)) };
}

/** Whether somebody has cancelled the import: then no byte of it is sent any more. */
function isCancelled(state: ImportState | null): boolean {
  return state?.status === 'cancelling' || state?.status === 'cancelled';
}

/** Whether this tab sends the file, and no id is known by which the import could be cancelled. */
export function mayBeGivenUp({ importId, upload, cancelWaits }: ImportView): boolean {
  const phase = upload?.phase;
  const isUnderWay = phase === 'opening' || phase === 'sending' || phase === 'retrying';
  return importId === null && cancelWaits === null && isUnderWay;
}

/** Whether the services need nothing more of the file: they have it, or somebody has cancelled the import. */
export function needsNoBytes({ state }: ImportView): boolean {
  return state?.upload === 'sealed' || isCancelled(state);
}

/** The same version again, asked of the API, tells nothing of the pace. */
function rowSamplesAfter({ state: known, rowSamples }: ImportView, state: ImportState, at: number) {
  if (hasEnded(state)) return [];
  if (known?.version === state.version) return rowSamples;
  return withSample(rowSamples, { at, amount: rowsReported(state) });
}

/** What a state does not tell stays as it was told last, and so does what it tells of before a change that is known. */
export function withLookedUp(state: ImportState, known: ImportState | null): ImportState {
  // A further upload is accepted anew: nothing was said yet of its rows.
  if (known === null || known.acceptedAt !== state.acceptedAt) return state;
  const { restIgnored, restChanges = 0 } = known;
  const isTold = state.restIgnored !== undefined && (state.restChanges ?? restChanges) >= restChanges;
  const next = restIgnored === undefined || isTold ? state : { ...state, restIgnored, restChanges };
  // Of other rejected rows nobody has counted yet how many are mended.
  const isCounted = known.leftToMend !== undefined && known.rows.rejected === state.rows.rejected;
  if (state.leftToMend !== undefined || !isCounted) return next;
  return { ...next, leftToMend: known.leftToMend };
}

/** Whether `candidate` tells less than the known state. */
export function isOlder(candidate: ImportState, known: ImportState): boolean {
  if (candidate.version !== known.version) return candidate.version < known.version;
  return hasEnded(known) && !hasEnded(candidate);
}

/** Whether the view may lag behind: something of the import still runs, and its channel is away or late. */
export function isStale(view: ImportView): boolean {
  if (view.state !== null && isAtRest(view.state)) return false;
  const { kind } = view.connection;
  return isAway(kind) || kind === 'degraded' || kind === 'refused';
}

/** Bytes per second over the last seconds; null before there is enough to compare. */
export function uploadSpeed(upload: UploadView): number | null {
  return perSecond(upload.samples, LEAST_UPLOAD_MS);
}

/** Milliseconds until the last byte is sent; null while the speed is not known. */
export function uploadRemaining(upload: UploadView): number | null {
  if (upload.phase !== 'sending') return null;
  return timeFor(upload.totalBytes - upload.sentBytes, uploadSpeed(upload));
}

/** Rows per second of the import as it goes on now; null before there is enough to compare. */
export function importSpeed({ rowSamples }: ImportView): number | null {
  return perSecond(rowSamples, LEAST_IMPORT_MS);
}

/** Milliseconds until the last row is imported; null while the total or the present speed is not known. */
export function importRemaining(view: ImportView): number | null {
  const { state } = view;
  if (state === null || state.rows.total === null || hasEnded(state)) return null;
  return timeFor(state.rows.total - rowsReported(state), importSpeed(view));
}

/** Whether this tab sends its file again, or will, after the services have ended the upload that broke off. */
export function isSentAgain({ upload, state }: ImportView): boolean {
  if (upload === null || state?.upload !== 'aborted' || state.uploadError === 'cancelled') return false;
  return upload.phase === 'sending' || upload.phase === 'retrying' || upload.phase === 'opening';
}
