/** States to look at and to test with, as the services would send them. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { blankFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { type ImportView, sendingView } from '../following/import-view.ts';
import type { RememberedImport } from '../following/remembered-imports.ts';

/** Milliseconds since 1970 of everything in these states. */
export const FIXTURE_TIME = Date.parse('2026-03-14T09:26:53.000Z');

const rowsOfFixture = { ...noRows(), total: 20_000 };

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
    endedAt: new Date(FIXTURE_TIME + 1_300).toISOString(),
    rowsPerSecond: 15_384,
    reconciled: true,
    ...changes,
  });
}

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

export function contact(number: number, changes: Partial<Contact> = {}): Contact {
  const email = `visitor.${number}@example.org`;
  return {
    id: `01958f2a-7c11-7d3e-9a54-${String(number).padStart(12, '0')}`,
    ...{ email, writtenEmail: email },
    ...blankFields,
    firstName: ['Ada', 'Chinua', 'Ingrid', 'Mateo', 'Yuki'][number % 5] ?? '',
    lastName: ['Okafor', 'Lindqvist', 'Tanaka', 'Moreno', 'Byron'][number % 5] ?? '',
    phone: number % 3 === 0 ? '' : `+49301234${String(number).padStart(4, '0')}`,
    company: number % 4 === 0 ? '' : 'Nordwind Maschinenbau GmbH',
    country: ['DE', 'NG', 'SE', 'ES', 'JP'][number % 5] ?? '',
    timeZone: 'Europe/Berlin',
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
