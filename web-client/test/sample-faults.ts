/**
 * What no service would ever say, in the samples that the states of the pages are drawn with. People judge a page by its numbers: a
 * sample that contradicts itself hides a page that does.
 */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { FORECAST_ROWS, type ImportPreview } from '@tidings/contracts/files/preview.ts';
import { buckets, hasEnded, type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { Webhook } from '@tidings/contracts/owners/webhooks.ts';
import type { ChunkItem } from '@tidings/contracts/services/support.ts';
import type { ImportView } from '../following/view/import-view.ts';

/** Bytes of a row of contacts. */
const ROW_BYTES = { least: 20, most: 2_000 };

/** Each is told where it does not hold. */
type Rules = Readonly<Record<string, boolean>>;

export function broken(rules: Rules): string[] {
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

export function stateFaults(state: ImportState): string[] {
  const { status, upload, rows, undo, waitingFor } = state;
  const isEnded = hasEnded(state) || status === 'undoing';
  const bad = rows.rejected + rows.failed;
  return broken({
    'buckets are at most the total': rows.total === null || rowsReported(state) <= rows.total,
    'all rows are in buckets at the end': !isEnded || rowsReported(state) === rows.total,
    'the total is known once the file is there': (upload === 'receiving') === (rows.total === null),
    'a whole file has the time of its last byte': (upload === 'sealed') === (state.sealedAt !== null),
    'a broken upload says why': (upload === 'aborted') === (state.uploadError !== null),
    'an end has its time': isEnded === (state.endedAt !== null),
    'totals are compared after the end': isEnded || state.reconciled === null,
    'times are in order': areInOrder(state.acceptedAt, state.sealedAt, state.endedAt, undo?.endedAt),
    'what is completed has no bad rows': status !== 'completed' || bad + rows.cancelled === 0,
    'what has rows to fix has bad ones':
      status !== 'completed_with_errors' || (bad > 0 && rows.cancelled === 0),
    'what is ignored or mended was rejected':
      (state.leftToMend ?? 0) <= rows.rejected && (state.restIgnored !== true || rows.rejected > 0),
    'bytes fit the rows': fits(state.bytes, rowsReported(state), rows.total),
    ...chunkRules(state, isEnded),
    ...undoRules(state),
    'the rate at the end is that of the whole': !isEnded || state.rowsPerSecond === rateOf(state),
    'only what comes or runs waits': waitingFor === null || !isEnded,
    'only what comes waits for its file': waitingFor?.reason !== 'upload' || upload === 'receiving',
  });
}

function chunkRules({ chunks, rows, upload }: ImportState, isEnded: boolean): Rules {
  const reported = chunks.completed + chunks.failed;
  return {
    'chunks are counted once the file is there': (chunks.total === null) === (upload === 'receiving'),
    'chunks are at most their total': chunks.total === null || reported <= chunks.total,
    // Those of a cancelled import never run.
    'all chunks have reported at the end': !isEnded || rows.cancelled > 0 || reported === chunks.total,
    'rows failed in chunks that failed': rows.failed > 0 === chunks.failed > 0,
    'rows were in chunks': reported > 0 || buckets.every((bucket) => rows[bucket] === 0),
  };
}

function undoRules({ undo, rows, status }: ImportState): Rules {
  if (undo === null) return { 'what is taken back tells how': status !== 'undoing' && status !== 'undone' };
  const reached = undo.reversed + undo.kept + undo.failed;
  const written = rows.created + rows.updated;
  return {
    'an undo reaches what was written': undo.endedAt === null ? reached < written : reached === written,
    'an undo ends with its status': status === 'failed' || (status === 'undone') === (undo.endedAt !== null),
  };
}

export function viewFaults({ state, stateAt, upload, fileName, importId }: ImportView): string[] {
  const sent = upload === null || upload.sentBytes === 0 ? null : upload.sentBytes;
  return broken({
    'a file is sent up to its size':
      upload === null ||
      upload.sentBytes < upload.totalBytes ||
      (upload.sentBytes === upload.totalBytes && upload.phase !== 'sending'),
    'a file that is sent is sent to its end':
      upload?.phase !== 'sent' || upload.sentBytes === upload.totalBytes,
    ...(state === null
      ? {}
      : {
          'the state is of this import': state.importId === importId && state.fileName === fileName,
          'nothing is known before it was': stateAt !== null && areInOrder(newestTime(state), iso(stateAt)),
          'no more is received than sent': upload === null || state.bytes <= upload.totalBytes,
          'what still comes is being sent':
            sent === null ||
            state.upload !== 'receiving' ||
            (state.bytes <= sent && upload?.phase !== 'sent'),
        }),
  });
}

export function previewFaults(preview: ImportPreview): string[] {
  const { forecast, columns, rows, estimatedRows, rowsRead, problems } = preview;
  const bad = forecast.rows - forecast.valid;
  const counts = Object.values(forecast.rejected);
  const codes = new Set(problems.map(({ code }) => code));
  const targets = columns.map(({ target }) => target).filter((target) => target !== '');
  return broken({
    'the forecast is of the first rows': forecast.rows === Math.min(rowsRead, FORECAST_ROWS),
    'each bad row has a reason': sum(counts) >= bad && counts.every((count) => count <= bad),
    'shown rows are among the counted': rows.every((row) =>
      row.faults.every(({ code }) => code in (row.fields === null ? forecast.rejected : forecast.warnings)),
    ),
    'a whole file has as many rows as were read': preview.truncated
      ? (estimatedRows ?? rowsRead) >= rowsRead
      : estimatedRows === rowsRead,
    'without a column of addresses no row is good':
      codes.has('no_email_column') === !targets.includes('email') &&
      (!codes.has('no_email_column') || forecast.valid === 0),
    'a target has one column': new Set(targets).size === targets.length,
    'columns without a header have made names': columns.every(
      ({ index, name, target }) =>
        preview.headerLine > 0 ||
        (name === `column ${index + 1}` &&
          (!target.startsWith('attributes.') || target === `attributes.${name}`)),
    ),
    'samples are the first cells': columns.every(({ index, samples }) => {
      const cells = new Set(rows.map((row) => row.cells[index] ?? '').filter((cell) => cell !== ''));
      return [...cells].slice(0, 3).every((cell, place) => samples[place] === cell);
    }),
    'a guess that is uncertain asks': codes.has('encoding_uncertain') === preview.encodingConfidence < 0.6,
    'what is left out costs no row':
      preview.invalidFields === 'reject'
        ? Object.keys(forecast.warnings).length === 0
        : !['phone_invalid', 'phone_country_unknown', 'country_unknown'].some(
            (code) => code in forecast.rejected,
          ),
    'rows that need a country are among the counted': preview.rowsNeedingCountry <= forecast.rows,
  });
}

/** By country: calling code and time zone. */
const places: Readonly<Record<string, readonly [string, string]>> = {
  DE: ['+49', 'Europe/Berlin'],
  NG: ['+234', 'Africa/Lagos'],
  SE: ['+46', 'Europe/Stockholm'],
  ES: ['+34', 'Europe/Madrid'],
  JP: ['+81', 'Asia/Tokyo'],
};

export function contactFaults({ country, phone, timeZone }: Contact): string[] {
  const [callingCode = '', zone = ''] = places[country] ?? [];
  return broken({
    'a time zone is that of the country': timeZone === zone,
    'a number is of the country': phone === '' || phone.startsWith(callingCode),
  });
}

/** @param chunks all of the import that are known */
export function storyFaults(state: ImportState, chunks: readonly ChunkItem[]): string[] {
  const of = (...statuses: ChunkItem['status'][]) => chunks.filter(({ status }) => statuses.includes(status));
  const rowsOf = (items: readonly ChunkItem[]) => sum(items.map(({ rows }) => rows ?? 0));
  const failed = of('dead', 'skipped', 'lost');
  return broken({
    'chunks are as many as are counted': state.chunks.total === chunks.length,
    'chunks that are done are': state.chunks.completed === of('completed').length,
    'chunks that failed have': state.chunks.failed === failed.length,
    'rows of chunks that failed have': state.rows.failed === rowsOf(failed),
    'rows of chunks that are done are in buckets':
      rowsReported(state) - state.rows.failed === rowsOf(of('completed')),
    'nothing waits at the end': !hasEnded(state) || of('waiting', 'retrying').length === 0,
  });
}

/** @param now milliseconds since 1970 */
export function webhookFaults({ status, failures, waiting, nextAttemptAt }: Webhook, now: number): string[] {
  const isRetrying = status === 'retrying';
  return broken({
    'only what has failed is tried again': isRetrying === (failures > 0 && waiting > 0),
    'what is tried again says when': isRetrying === (nextAttemptAt !== null),
    'the next attempt is to come': nextAttemptAt === null || Date.parse(nextAttemptAt) > now,
  });
}

export function fits(bytes: number, reported: number, total: number | null): boolean {
  const rows = total ?? reported;
  if (rows === 0) return true;
  return bytes / rows >= ROW_BYTES.least && (total === null || bytes / rows <= ROW_BYTES.most);
}

/** Rows per second over the whole import. */
export function rateOf({ rows, acceptedAt, endedAt }: ImportState): number {
  const took = Date.parse(endedAt ?? acceptedAt) - Date.parse(acceptedAt);
  return took === 0 ? 0 : Math.floor(((rows.total ?? 0) / took) * 1_000);
}

export function areInOrder(...times: readonly (string | null | undefined)[]): boolean {
  const known = times.flatMap((time) => (time === null || time === undefined ? [] : [Date.parse(time)]));
  return known.every((time, index) => index === 0 || time >= (known[index - 1] ?? 0));
}

function newestTime({ acceptedAt, sealedAt, endedAt, undo }: ImportState): string {
  return undo?.endedAt ?? endedAt ?? sealedAt ?? acceptedAt;
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
