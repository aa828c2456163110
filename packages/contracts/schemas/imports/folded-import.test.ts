import { expect, test } from 'vitest';
import { FOLDED_IMPORT_VERSION, type FoldedImport } from '../../imports/folded-import.ts';
import { decodeFoldedImport, encodeFoldedImport } from './folded-import.ts';

/** One import of each version as the log held it. Installations may hold such values for ever, so none is ever changed here. */
const stored: Readonly<Record<number, string>> = {
  1: '{"owner":"mira","uploadId":"0198c0de-0000-7000-8000-000000000001","cause":{"eventId":"0198c0de-0000-7000-8000-000000000003","correlationId":"0198c0de-0000-7000-8000-000000000002","traceparent":"00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"},"totals":{"created":9,"updated":0,"unchanged":0,"duplicate":-1,"rejected":2,"failed":0,"cancelled":0},"samples":[{"at":1000000,"rows":0},{"at":1000010,"rows":10}],"state":{"importId":"0198c0de-0000-7000-8000-000000000002","channelId":"AAAAAAAAAAAAAAAAAAAAAA","version":17,"status":"importing","upload":"sealed","uploadError":null,"fileName":"a.csv","clientReference":null,"rows":{"total":20,"created":8,"updated":0,"unchanged":0,"duplicate":0,"rejected":2,"failed":0,"cancelled":0},"chunks":{"total":2,"completed":1,"failed":0},"bytes":100,"rowsPerSecond":1000,"waitingFor":null,"acceptedAt":"2026-11-28T09:00:00.000Z","sealedAt":"2026-11-28T09:00:01.000Z","endedAt":null,"undo":null,"reconciled":null},"reportedChunks":"AQ==","expectedChunks":"Aw=="}',
  2: '{"schemaVersion":2,"owner":"mira","uploadId":"0198c0de-0000-7000-8000-000000000001","cause":{"eventId":"0198c0de-0000-7000-8000-000000000003","correlationId":"0198c0de-0000-7000-8000-000000000002","traceparent":"00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"},"totals":{"created":9,"updated":0,"unchanged":0,"duplicate":-1,"rejected":2,"failed":0,"cancelled":0},"samples":[{"at":1000000,"rows":0},{"at":1000010,"rows":10}],"state":{"importId":"0198c0de-0000-7000-8000-000000000002","channelId":"AAAAAAAAAAAAAAAAAAAAAA","version":17,"status":"importing","upload":"sealed","uploadError":null,"fileName":"a.csv","clientReference":null,"rows":{"total":20,"created":8,"updated":0,"unchanged":0,"duplicate":0,"rejected":2,"failed":0,"cancelled":0},"chunks":{"total":2,"completed":1,"failed":0},"bytes":100,"rowsPerSecond":1000,"acceptedAt":"2026-11-28T09:00:00.000Z","sealedAt":"2026-11-28T09:00:01.000Z","endedAt":null,"reconciled":null},"reportedChunks":"AQ==","expectedChunks":"Aw=="}',
  3: '{"schemaVersion":3,"owner":"mira","uploadId":"0198c0de-0000-7000-8000-000000000001","cause":{"eventId":"0198c0de-0000-7000-8000-000000000003","correlationId":"0198c0de-0000-7000-8000-000000000002","traceparent":"00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"},"totals":{"created":9,"updated":0,"unchanged":0,"duplicate":-1,"rejected":2,"failed":0,"cancelled":0},"samples":[{"at":1000000,"rows":0},{"at":1000010,"rows":10}],"state":{"importId":"0198c0de-0000-7000-8000-000000000002","channelId":"AAAAAAAAAAAAAAAAAAAAAA","version":17,"status":"importing","upload":"aborted","uploadError":"expired","fileName":"a.csv","clientReference":null,"rows":{"total":20,"created":8,"updated":0,"unchanged":0,"duplicate":0,"rejected":2,"failed":0,"cancelled":0},"chunks":{"total":2,"completed":1,"failed":0},"bytes":100,"rowsPerSecond":1000,"acceptedAt":"2026-11-28T09:00:00.000Z","sealedAt":"2026-11-28T09:00:01.000Z","endedAt":null,"reconciled":null,"autoUndo":true,"waitingFor":{"reason":"retry","text":"retry 2 of 3 at 09:00:07","attempt":2,"attempts":3,"at":"2026-11-28T09:00:07.000Z"},"undo":{"reversed":5000,"kept":2,"failed":0,"endedAt":null}},"reportedChunks":"AQ==","expectedChunks":"Aw==","heartbeat":{"number":4,"at":1000005},"firstWork":{"express":{"partition":1,"offset":17},"bulk":null},"failedChunks":"","awaitedChunks":"Ag==","retrying":[{"chunk":1,"attempt":2,"attempts":3,"dueAt":"2026-11-28T09:00:07.000Z"}],"undo":{"undoId":"0198c0de-0000-7000-8000-000000000004","page":1,"running":true}}',
  4: '{"schemaVersion":4,"owner":"mira","uploadId":"0198c0de-0000-7000-8000-000000000001","cause":{"eventId":"0198c0de-0000-7000-8000-000000000003","correlationId":"0198c0de-0000-7000-8000-000000000002","traceparent":"00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"},"totals":{"created":9,"updated":0,"unchanged":0,"duplicate":-1,"rejected":2,"failed":0,"cancelled":0},"samples":[{"at":1000000,"rows":0},{"at":1000010,"rows":10}],"state":{"importId":"0198c0de-0000-7000-8000-000000000002","channelId":"AAAAAAAAAAAAAAAAAAAAAA","version":17,"status":"importing","upload":"aborted","uploadError":"expired","fileName":"a.csv","clientReference":null,"rows":{"total":20,"created":8,"updated":0,"unchanged":0,"duplicate":0,"rejected":2,"failed":0,"cancelled":0},"chunks":{"total":2,"completed":1,"failed":0},"bytes":100,"rowsPerSecond":1000,"acceptedAt":"2026-11-28T09:00:00.000Z","sealedAt":"2026-11-28T09:00:01.000Z","endedAt":null,"reconciled":null,"autoUndo":true,"waitingFor":{"reason":"retry","text":"retry 2 of 3 at 09:00:07","attempt":2,"attempts":3,"at":"2026-11-28T09:00:07.000Z"},"undo":{"reversed":5000,"kept":2,"failed":0,"endedAt":null}},"reportedChunks":"AQ==","expectedChunks":"Aw==","heartbeat":{"number":4,"at":1000005},"firstWork":{"express":{"partition":1,"offset":17},"bulk":null},"failedChunks":"AQ==","awaitedChunks":"Ag==","retrying":[{"chunk":1,"attempt":2,"attempts":3,"dueAt":"2026-11-28T09:00:07.000Z"}],"undo":{"undoId":"0198c0de-0000-7000-8000-000000000004","run":2,"page":1,"after":"0198c0de-0000-7000-8000-000000000005","retry":{"attempt":3,"attempts":3,"dueAt":"2026-11-28T09:01:07.000Z"},"running":true,"dead":true},"lostChunks":"AQ==","uncountedChunks":"AQ==","takenBackChunks":"Ag==","takenBackRows":5}',
  5: '{"schemaVersion":5,"owner":"mira","uploadId":"0198c0de-0000-7000-8000-000000000001","cause":{"eventId":"0198c0de-0000-7000-8000-000000000003","correlationId":"0198c0de-0000-7000-8000-000000000002","traceparent":"00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"},"totals":{"created":9,"updated":0,"unchanged":0,"duplicate":-1,"rejected":2,"failed":0,"cancelled":0},"samples":[{"at":1000000,"rows":0},{"at":1000010,"rows":10}],"state":{"importId":"0198c0de-0000-7000-8000-000000000002","channelId":"AAAAAAAAAAAAAAAAAAAAAA","version":17,"status":"importing","upload":"aborted","uploadError":"expired","fileName":"a.csv","clientReference":null,"rows":{"total":20,"created":8,"updated":0,"unchanged":0,"duplicate":0,"rejected":2,"failed":0,"cancelled":0},"chunks":{"total":2,"completed":1,"failed":0},"warnings":0,"blankRows":0,"bytes":100,"rowsPerSecond":1000,"acceptedAt":"2026-11-28T09:00:00.000Z","sealedAt":"2026-11-28T09:00:01.000Z","endedAt":null,"reconciled":null,"autoUndo":true,"dryRun":true,"mends":"0198c0de-0000-7000-8000-000000000006","mendedBy":[],"waitingFor":{"reason":"retry","text":"retry 2 of 3 at 09:00:07","attempt":2,"attempts":3,"at":"2026-11-28T09:00:07.000Z"},"undo":{"reversed":5000,"kept":2,"failed":0,"endedAt":null}},"reportedChunks":"AQ==","expectedChunks":"Aw==","heartbeat":{"number":4,"at":1000005},"firstWork":{"express":{"partition":1,"offset":17},"bulk":null},"failedChunks":"AQ==","awaitedChunks":"Ag==","retrying":[{"chunk":1,"attempt":2,"attempts":3,"dueAt":"2026-11-28T09:00:07.000Z"}],"undo":{"undoId":"0198c0de-0000-7000-8000-000000000004","run":2,"page":1,"after":"0198c0de-0000-7000-8000-000000000005","retry":{"attempt":3,"attempts":3,"dueAt":"2026-11-28T09:01:07.000Z"},"running":true,"dead":true},"lostChunks":"AQ==","uncountedChunks":"AQ==","takenBackChunks":"Ag==","takenBackRows":5}',
};

/** What versions 1 and 2 held, as the present version has it. */
const migrated: FoldedImport = {
  owner: 'mira',
  uploadId: '0198c0de-0000-7000-8000-000000000001',
  cause: {
    eventId: '0198c0de-0000-7000-8000-000000000003',
    correlationId: '0198c0de-0000-7000-8000-000000000002',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  },
  heartbeat: { number: 0, at: 0 },
  firstWork: { express: null, bulk: null },
  totals: { created: 9, updated: 0, unchanged: 0, duplicate: -1, rejected: 2, failed: 0, cancelled: 0 },
  samples: [
    { at: 1_000_000, rows: 0 },
    { at: 1_000_010, rows: 10 },
  ],
  state: {
    importId: '0198c0de-0000-7000-8000-000000000002',
    channelId: 'A'.repeat(22),
    version: 17,
    status: 'importing',
    upload: 'sealed',
    uploadError: null,
    fileName: 'a.csv',
    clientReference: null,
    rows: {
      total: 20,
      created: 8,
      updated: 0,
      unchanged: 0,
      duplicate: 0,
      rejected: 2,
      failed: 0,
      cancelled: 0,
    },
    warnings: 0,
    chunks: { total: 2, completed: 1, failed: 0 },
    blankRows: 0,
    bytes: 100,
    rowsPerSecond: 1000,
    acceptedAt: '2026-11-28T09:00:00.000Z',
    sealedAt: '2026-11-28T09:00:01.000Z',
    endedAt: null,
    reconciled: null,
    autoUndo: false,
    dryRun: false,
    mends: null,
    mendedBy: [],
    waitingFor: null,
    undo: null,
  },
  reportedChunks: 'AQ==',
  expectedChunks: 'Aw==',
  failedChunks: '',
  lostChunks: '',
  uncountedChunks: '',
  takenBackChunks: '',
  takenBackRows: 0,
  awaitedChunks: '',
  retrying: [],
  undo: null,
};

/** What version 3 held, as the present version has it. */
const migratedFrom3: FoldedImport = {
  ...migrated,
  heartbeat: { number: 4, at: 1_000_005 },
  firstWork: { express: { partition: 1, offset: 17 }, bulk: null },
  state: {
    ...migrated.state,
    upload: 'aborted',
    uploadError: 'expired',
    autoUndo: true,
    waitingFor: {
      reason: 'retry',
      text: 'retry 2 of 3 at 09:00:07',
      attempt: 2,
      attempts: 3,
      at: '2026-11-28T09:00:07.000Z',
    },
    undo: { reversed: 5_000, kept: 2, failed: 0, endedAt: null },
  },
  awaitedChunks: 'Ag==',
  retrying: [{ chunk: 1, attempt: 2, attempts: 3, dueAt: '2026-11-28T09:00:07.000Z' }],
  undo: {
    ...{ undoId: '0198c0de-0000-7000-8000-000000000004', run: 1, page: 1, after: null },
    ...{ retry: null, running: true, dead: false },
  },
};

/** What version 4 held, as the present version has it. */
const migratedFrom4: FoldedImport = {
  ...migratedFrom3,
  failedChunks: 'AQ==',
  lostChunks: 'AQ==',
  uncountedChunks: 'AQ==',
  takenBackChunks: 'Ag==',
  takenBackRows: 5,
  undo: {
    undoId: '0198c0de-0000-7000-8000-000000000004',
    run: 2,
    page: 1,
    after: '0198c0de-0000-7000-8000-000000000005',
    retry: { attempt: 3, attempts: 3, dueAt: '2026-11-28T09:01:07.000Z' },
    running: true,
    dead: true,
  },
};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);

/** Has a value in every field that may have one. */
const present: FoldedImport = {
  ...migratedFrom4,
  state: { ...migratedFrom4.state, dryRun: true, mends: '0198c0de-0000-7000-8000-000000000006' },
};

const later: Readonly<Record<number, FoldedImport>> = { 3: migratedFrom3, 4: migratedFrom4, 5: present };

test('every version up to the present one is kept here, and read as what it says', () => {
  const versions = Array.from({ length: FOLDED_IMPORT_VERSION }, (_, index) => index + 1);
  expect(Object.keys(stored).map(Number)).toEqual(versions);
  for (const version of versions) {
    expect(decodeFoldedImport(bytes(stored[version] ?? ''))).toEqual(later[version] ?? migrated);
  }
});

test('the present version is written as it is kept here', () => {
  expect(JSON.parse(text(encodeFoldedImport(present)))).toEqual(
    JSON.parse(stored[FOLDED_IMPORT_VERSION] ?? ''),
  );
});

// Otherwise a field that a later release adds would stop a partition, or lose the import, while both releases run.
test('fields that a later release adds are dropped at every depth', () => {
  const { state, totals, cause, ...rest } = JSON.parse(text(encodeFoldedImport(present)));
  const ofLater = {
    ...rest,
    schemaVersion: FOLDED_IMPORT_VERSION + 1,
    later: 1,
    cause: { ...cause, later: 1 },
    totals: { ...totals, later: 1 },
    state: {
      ...state,
      later: { deep: 1 },
      rows: { ...state.rows, later: 1 },
      chunks: { ...state.chunks, later: 1 },
    },
  };
  expect(decodeFoldedImport(bytes(JSON.stringify(ofLater)))).toEqual(present);
});

test.each(['', 'no JSON {', 'null', '[]', '{}', '{"state":{}}'])(
  '%j is no import in any version',
  (value) => {
    expect(() => decodeFoldedImport(bytes(value))).toThrow();
  },
);
