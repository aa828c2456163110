/** States to look at and to test with, as the services would send them. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { blankFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { BucketCounts, ImportState } from '@tidings/contracts/imports/import.ts';
import { buckets, noRows } from '@tidings/contracts/imports/import.ts';
import type { RememberedImport } from '../following/access/remembered-imports.ts';
import { type ImportView, sendingView } from '../following/view/import-view.ts';

/** Milliseconds since 1970 of everything in these states. */
export const FIXTURE_TIME = Date.parse('2026-03-14T09:26:53.000Z');

const FIXTURE_ROWS = 20_000;
const ENDED_AFTER_MS = 1_300;
const rowsOfFixture = { ...noRows(), total: FIXTURE_ROWS };

export function importState(changes: Partial<ImportState> = {}): ImportState {
  return {
    importId: '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90',
    channelId: 'mY3h0wW2bV9qkq1R8f5s7g',
    version: 10,
    status: 'importing',
    upload: 'sealed',
    uploadError: null,
    fileName: 'spring-fair-visitors.csv',
    clientReference: null,
    rows: { ...rowsOfFixture, created: 9_120, updated: 640, unchanged: 1_310, duplicate: 270, rejected: 140 },
    warnings: 0,
    chunks: { total: 16, completed: 9, failed: 0 },
    blankRows: 0,
    bytes: 1_887_437,
    rowsPerSecond: 21_400,
    acceptedAt: new Date(FIXTURE_TIME).toISOString(),
    sealedAt: new Date(FIXTURE_TIME + 400).toISOString(),
    endedAt: null,
    reconciled: null,
    autoUndo: true,
    dryRun: false,
    mends: null,
    mendedBy: [],
    waitingFor: null,
    undo: null,
    ...changes,
  };
}

export function endedState(changes: Partial<ImportState> = {}): ImportState {
  return importState({
    version: 20,
    status: 'completed_with_errors',
    rows: {
      ...rowsOfFixture,
      created: 16_400,
      updated: 900,
      unchanged: 2_150,
      duplicate: 300,
      rejected: 250,
    },
    chunks: { total: 16, completed: 16, failed: 0 },
    endedAt: new Date(FIXTURE_TIME + ENDED_AFTER_MS).toISOString(),
    rowsPerSecond: 15_384,
    reconciled: true,
    ...changes,
  });
}

/** Of the chunks of these states, but the last one. */
export const CHUNK_ROWS = 1_250;

/** One that has ended with these rows; all else that follows from their number is so. */
export function endedWith(counts: Partial<BucketCounts>, changes: Partial<ImportState> = {}): ImportState {
  const rows = { ...noRows(), ...counts };
  const total = sumOf(rows);
  const chunks = Math.ceil(total / CHUNK_ROWS);
  const failed = Math.ceil(rows.failed / CHUNK_ROWS);
  return endedState({
    rows: { ...rows, total },
    chunks: { total: chunks, completed: chunks - failed, failed },
    bytes: bytesOf(total),
    rowsPerSecond: Math.floor((total / ENDED_AFTER_MS) * 1_000),
    ...changes,
  });
}

/** One whose file still comes. @param bytes received of it */
export function receivingState(
  bytes: number,
  counts: Partial<BucketCounts> = importState().rows,
  changes: Partial<ImportState> = {},
): ImportState {
  const rows = { ...noRows(), ...counts, total: null };
  const completed = Math.ceil(sumOf(rows) / CHUNK_ROWS);
  return importState({
    ...{ upload: 'receiving', sealedAt: null, rows, bytes },
    chunks: { total: null, completed, failed: 0 },
    ...changes,
  });
}

/** The same, accepted earlier. */
export function minutesAgo(minutes: number, state: ImportState): ImportState {
  const earlier = (time: string | null) =>
    time === null ? null : new Date(Date.parse(time) - minutes * 60_000).toISOString();
  const { acceptedAt, sealedAt, endedAt, undo } = state;
  return {
    ...state,
    acceptedAt: earlier(acceptedAt) ?? acceptedAt,
    ...{ sealedAt: earlier(sealedAt), endedAt: earlier(endedAt) },
    undo: undo === null ? null : { ...undo, endedAt: earlier(undo.endedAt) },
  };
}

/** Of a file with that many rows. */
export const bytesOf = (rows: number): number => Math.round((fixtureFile.size / FIXTURE_ROWS) * rows);

const sumOf = (rows: BucketCounts): number => buckets.reduce((sum, bucket) => sum + rows[bucket], 0);

export const fixtureFile = { name: 'spring-fair-visitors.csv', size: 1_887_437 };

export function importView(changes: Partial<ImportView> = {}): ImportView {
  return {
    ...sendingView(fixtureFile, FIXTURE_TIME),
    connection: { kind: 'live', since: FIXTURE_TIME },
    ...changes,
  };
}

export function rememberedImport(changes: Partial<RememberedImport> = {}): RememberedImport {
  return {
    importId: '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90',
    channelId: 'mY3h0wW2bV9qkq1R8f5s7g',
    token: 'a.b.c',
    fileName: 'spring-fair-visitors.csv',
    startedAt: FIXTURE_TIME,
    keptAt: FIXTURE_TIME,
    status: 'completed',
    rows: 20_000,
    endedVersion: null,
    nothingImported: false,
    cancelWaits: false,
    ...changes,
  };
}

const people = [
  ['Ada', 'Byron', 'DE', '+49', 'Europe/Berlin'],
  ['Chinua', 'Okafor', 'NG', '+234', 'Africa/Lagos'],
  ['Ingrid', 'Lindqvist', 'SE', '+46', 'Europe/Stockholm'],
  ['Mateo', 'Moreno', 'ES', '+34', 'Europe/Madrid'],
  ['Yuki', 'Tanaka', 'JP', '+81', 'Asia/Tokyo'],
] as const;

export function contact(number: number, changes: Partial<Contact> = {}): Contact {
  const email = `visitor.${number}@example.org`;
  const [firstName, lastName, country, callingCode, timeZone] = people[number % 5] ?? people[0];
  return {
    id: `01958f2a-7c11-7d3e-9a54-${String(number).padStart(12, '0')}`,
    ...{ email, writtenEmail: email },
    ...blankFields,
    ...{ firstName, lastName, country, timeZone },
    phone: number % 3 === 0 ? '' : `${callingCode}301234${String(number).padStart(4, '0')}`,
    company: number % 4 === 0 ? '' : 'Nordwind Maschinenbau GmbH',
    attributes: { notes: 'met at the fair', 'favourite colour': 'teal' },
    version: 3,
    changedAt: '2026-01-01T09:41:00.000Z',
    changedByImport: null,
    ...changes,
  };
}

/** Of `fixtureFile`, when the last byte is sent. */
export const sentUpload = {
  phase: 'sent',
  sentBytes: fixtureFile.size,
  totalBytes: fixtureFile.size,
  samples: [],
  retryAt: null,
} as const;
