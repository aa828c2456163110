/** Every state of the pages by name, without a server: to look at while they are built. No part of the build. */
import '../shell/theme.css';
import '../shell/base.css';
import '../import/import.css';
import '../following/buckets.css';
import { type ComponentChildren, render } from 'preact';
import { ContactDialog } from '../contacts/contact-dialog.tsx';
import type { ContactsApi } from '../contacts/contacts-list.ts';
import { ContactsPage, ContactsResult } from '../contacts/contacts-page.tsx';
import type { ConnectionKind } from '../following/connection.ts';
import type { ImportView } from '../following/import-view.ts';
import type { ChosenFile } from '../import/chosen-file.ts';
import { ImportRun } from '../import/import-run.tsx';
import { ImportStart } from '../import/import-start.tsx';
import { NoKey } from '../import/no-key.tsx';
import { brokenUploadProblem, networkProblem } from '../shell/explain.ts';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { type PageName, Shell } from '../shell/shell.tsx';
import { SupportPage } from '../support/support-page.tsx';
import {
  contact,
  endedState,
  FIXTURE_TIME,
  fixtureFile,
  importState,
  importView,
  rememberedImport,
} from './fixture-states.ts';

const nothing = (): void => undefined;
const nothingYet = (): Promise<void> => Promise.resolve();

const unsentImports = [
  { key: 'u1', view: importView({ connection: { kind: 'reconnecting', since: FIXTURE_TIME } }) },
  {
    key: 'u2',
    view: importView({
      fileName: 'invoices.csv',
      upload: { phase: 'broken', sentBytes: 0, totalBytes: 1, samples: [] },
      problem: { code: 'not_csv', title: '', detail: '' },
    }),
  },
].map((entry) => ({ ...entry, startedAt: FIXTURE_TIME, show: nothing, giveUp: nothing }));

function start(chosen: ChosenFile, recent = false, over = false): ComponentChildren {
  const imports = recent
    ? [
        rememberedImport({
          importId: 'd',
          fileName: 'all-rejected.csv',
          status: 'completed_with_errors',
          nothingImported: true,
        }),
        rememberedImport({ importId: 'e', fileName: 'broken.csv', status: 'failed', rows: 4_200 }),
        rememberedImport({ importId: 'a', status: 'importing', rows: null, fileName: 'newsletter-2026.csv' }),
        rememberedImport({ importId: 'b', status: 'completed_with_errors' }),
        rememberedImport({
          importId: 'c',
          fileName: 'a-rather-long-name-that-somebody-gave-to-an-export-from-another-system-final-v2.csv',
        }),
      ]
    : [];
  return (
    <ImportStart
      chosen={chosen}
      recent={imports}
      unsent={recent ? unsentImports : []}
      onFile={nothing}
      over={over}
      onStart={nothing}
    />
  );
}

function run(changes: Partial<ImportView>, sender = true): ComponentChildren {
  return (
    <ImportRun
      view={importView(changes)}
      downloadRejected={nothingYet}
      onSendAgain={sender ? nothing : null}
      onGiveUp={changes.importId === undefined ? nothing : null}
      onFile={nothing}
    />
  );
}

const refused: PageProblem = {
  code: 'no_email_column',
  title: 'The file has no e-mail column',
  detail:
    'The header names “name”, “phone”, “city”. Name the column with the addresses “email” and drop the file again.',
  line: 1,
};

const preview = {
  delimiter: ';',
  header: ['email', 'first name', 'last name', 'phone', 'company', 'country', 'notes'],
  rows: [
    [
      'ada@example.org',
      'Ada',
      'Byron',
      '+44 20 7946 0000',
      'Analytical Engines Ltd',
      'GB',
      'asked for the catalogue',
    ],
    ['chinua@example.org', 'Chinua', 'Okafor', '+234 1 234 5678', 'Lagos Print', 'Nigeria', ''],
    [
      '<img src=x onerror=alert(1)>',
      'Ingrid',
      'Lindqvist',
      '',
      'Nordwind',
      'SE',
      'a note that is so long that it cannot be shown whole in a cell of the preview',
    ],
    ['mateo@example.org', 'Mateo', 'Moreno', '+34 91 123 45 67', '', 'ES', ''],
    ['yuki@example.org', 'Yuki', 'Tanaka', '', 'Kumo', 'JP', ''],
  ],
} as const;

const sent = {
  phase: 'sent',
  sentBytes: fixtureFile.size,
  totalBytes: fixtureFile.size,
  samples: [],
} as const;
const known = { upload: sent, importId: 'a', stateAt: FIXTURE_TIME } as const;

const contactsApi = (count: number): ContactsApi => ({
  list: (query) =>
    Promise.resolve(
      query === 'nobody'
        ? { items: [], nextCursor: null }
        : {
            items: Array.from({ length: count }, (_, index) => contact(index + 1)),
            nextCursor: count > 0 ? 'more' : null,
          },
    ),
  update: (id) => Promise.resolve(contact(1, { id })),
  remove: nothingYet,
});

const supportStates = [
  importState({ importId: '1', version: 1 }),
  importState({
    importId: '2',
    upload: 'receiving',
    status: 'accepted',
    fileName: '"><img src=x onerror=alert(1)>.csv',
    rows: {
      ...importState().rows,
      total: null,
      created: 1200,
      updated: 0,
      duplicate: 0,
      unchanged: 0,
      rejected: 3,
    },
    chunks: { total: null, completed: 2, failed: 0 },
  }),
  ...Array.from({ length: 24 }, (_, index) =>
    endedState({
      importId: `01958f2a-7c11-7d3e-9a54-00000000${1000 + index}`,
      status: index % 3 === 0 ? 'completed_with_errors' : 'completed',
      fileName: `contacts-${index}.csv`,
    }),
  ),
  endedState({ importId: '9', status: 'failed', upload: 'aborted', uploadError: 'connection_broken' }),
];

function support(states: typeof supportStates, kind: ConnectionKind = 'live'): ComponentChildren {
  return (
    <SupportPage
      table={new Map(states.map((state) => [state.importId, state]))}
      connection={{ kind, since: FIXTURE_TIME }}
      problem={null}
      loaded={true}
      hasOlder={states.length > 3}
      onOlder={nothing}
    />
  );
}

const failedState = endedState({
  status: 'failed',
  upload: 'aborted',
  uploadError: 'connection_broken',
  bytes: 412_000,
  rows: {
    ...endedState().rows,
    total: 4_200,
    created: 4_000,
    updated: 150,
    unchanged: 0,
    duplicate: 50,
    rejected: 0,
  },
});

const fixtures: Record<string, readonly [PageName, () => ComponentChildren]> = {
  'start-empty': ['import', () => start({ kind: 'none' })],
  'start-drag-over': ['import', () => start({ kind: 'none' }, false, true)],
  'start-recent': ['import', () => start({ kind: 'none' }, true)],
  'start-refused': ['import', () => start({ kind: 'refused', name: 'a.png', problem: refused })],
  'start-preview': [
    'import',
    () => start({ kind: 'ready', file: new File(['x'.repeat(9_000)], fixtureFile.name), preview }),
  ],
  'start-unfit': [
    'import',
    () =>
      start({
        kind: 'unfit',
        file: new File(['x'.repeat(9_000)], fixtureFile.name),
        preview: { ...preview, header: ['Kontakt-E-Mail (geschäftlich)', ...preview.header.slice(1)] },
        problem: {
          code: 'no_email_column',
          title: 'The e-mail column was not recognised',
          detail:
            'It seems to be “Kontakt-E-Mail (geschäftlich)”. Name it “email” in the header. Then choose the file again.',
        },
      }),
  ],
  'run-opening': ['import', () => run({ connection: { kind: 'connecting', since: FIXTURE_TIME } })],
  'run-uploading': [
    'import',
    () =>
      run({
        importId: 'a',
        stateAt: FIXTURE_TIME,
        upload: {
          phase: 'sending',
          sentBytes: 1_100_000,
          totalBytes: fixtureFile.size,
          samples: [
            { at: 0, bytes: 0 },
            { at: 1_000, bytes: 180_000 },
          ],
        },
        state: importState({
          upload: 'receiving',
          rows: { ...importState().rows, total: null, created: 3_000 },
          rowsPerSecond: 9_000,
        }),
      }),
  ],
  'run-importing': ['import', () => run({ ...known, state: importState() })],
  'run-watching': [
    'import',
    () =>
      run({
        upload: null,
        importId: 'a',
        state: importState({ upload: 'receiving', rows: { ...importState().rows, total: null } }),
      }),
  ],
  'run-reconnecting': [
    'import',
    () =>
      run({
        ...known,
        connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
        state: importState(),
      }),
  ],
  'run-delayed': [
    'import',
    () =>
      run({ ...known, connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 }, state: importState() }),
  ],
  'run-delayed-opening': [
    'import',
    () => run({ connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 } }),
  ],
  'run-delayed-uploading': [
    'import',
    () =>
      run({
        importId: 'a',
        stateAt: FIXTURE_TIME,
        connection: { kind: 'degraded', since: FIXTURE_TIME + 2_000 },
        upload: { ...sent, phase: 'sending', sentBytes: 1_100_000 },
        state: importState({ upload: 'receiving', rows: { ...importState().rows, total: null } }),
      }),
  ],
  'run-offline': [
    'import',
    () =>
      run({ ...known, connection: { kind: 'offline', since: FIXTURE_TIME + 2_000 }, state: importState() }),
  ],
  'run-completed': [
    'import',
    () =>
      run({
        ...known,
        state: endedState({
          status: 'completed',
          rows: {
            ...endedState().rows,
            created: 18_400,
            updated: 900,
            unchanged: 500,
            duplicate: 200,
            rejected: 0,
          },
        }),
      }),
  ],
  'run-rejects': ['import', () => run({ ...known, state: endedState() })],
  'run-every-bucket': [
    'import',
    () =>
      run({
        ...known,
        state: endedState({
          reconciled: false,
          rows: {
            total: 20_000,
            created: 5_000,
            updated: 4_000,
            unchanged: 3_000,
            duplicate: 3_000,
            rejected: 2_000,
            failed: 2_000,
            cancelled: 1_000,
          },
        }),
      }),
  ],
  'run-no-rows': [
    'import',
    () =>
      run({
        ...known,
        state: endedState({
          status: 'completed',
          rowsPerSecond: 0,
          rows: {
            ...endedState().rows,
            total: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            duplicate: 0,
            rejected: 0,
          },
        }),
      }),
  ],
  'run-failed': ['import', () => run({ ...known, state: failedState })],
  'run-failed-elsewhere': [
    'import',
    () =>
      run(
        {
          importId: 'a',
          fileName: `${'very-long-'.repeat(12)}.csv`,
          upload: null,
          stateAt: FIXTURE_TIME,
          state: failedState,
        },
        false,
      ),
  ],
  'run-too-large': [
    'import',
    () => run({ ...known, state: { ...failedState, uploadError: 'file_too_large' } }),
  ],
  'run-broken-rows': [
    'import',
    () =>
      run({
        ...known,
        connection: { kind: 'reconnecting', since: FIXTURE_TIME + 2_000 },
        upload: { ...sent, phase: 'broken', sentBytes: 1_700_000 },
        state: importState({
          upload: 'receiving',
          rows: { ...importState().rows, total: null, created: 88_299 },
        }),
        problem: brokenUploadProblem,
      }),
  ],
  'run-nothing-imported': [
    'import',
    () =>
      run({
        ...known,
        state: endedState({
          rows: {
            ...endedState().rows,
            total: 40,
            created: 0,
            updated: 0,
            unchanged: 0,
            duplicate: 0,
            rejected: 40,
          },
        }),
      }),
  ],
  'run-waiting': ['import', () => run({ connection: { kind: 'reconnecting', since: FIXTURE_TIME } })],
  'run-refused': ['import', () => run({ upload: { ...sent, phase: 'broken' }, problem: refused })],
  'run-broken': ['import', () => run({ upload: { ...sent, phase: 'broken' }, problem: brokenUploadProblem })],
  'run-long-name': [
    'import',
    () =>
      run({
        ...known,
        fileName: `"><img src=x onerror=alert(1)>${'very-long-'.repeat(12)}.csv`,
        state: importState(),
      }),
  ],
  'no-key': ['import', () => <NoKey importId="01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90" />],
  'contacts-empty': ['contacts', () => <ContactsPage api={contactsApi(0)} explain={() => refused} />],
  'contacts-full': ['contacts', () => <ContactsPage api={contactsApi(50)} explain={() => refused} />],
  'contacts-searching': [
    'contacts',
    () => (
      <>
        <Heading>Contacts</Heading>
        <ContactsResult
          view={{
            query: '',
            items: Array.from({ length: 8 }, (_, index) => contact(index + 1)),
            nextCursor: 'more',
            loading: true,
            problem: null,
          }}
          wanted="zzz-nobody"
          searching={true}
          onOpen={nothing}
          onMore={nothing}
        />
      </>
    ),
  ],
  'contacts-search-failed': [
    'contacts',
    () => (
      <ContactsPage
        api={{ ...contactsApi(3), list: () => Promise.reject(new Error('away')) }}
        explain={() => networkProblem}
      />
    ),
  ],
  'contact-dialog': [
    'contacts',
    () => (
      <ContactDialog
        contact={contact(7)}
        explain={() => refused}
        onSave={nothingYet}
        onDelete={nothingYet}
        onClose={nothing}
      />
    ),
  ],
  'support-empty': ['support', () => support([])],
  'support-reconnecting': ['support', () => support(supportStates.slice(0, 3), 'reconnecting')],
  'support-delayed': ['support', () => support(supportStates.slice(0, 3), 'degraded')],
  'support-full': ['support', () => support(supportStates)],
};

function FixtureIndex() {
  return (
    <ul>
      {Object.keys(fixtures).map((name) => (
        <li key={name}>
          <a href={`/states/fixtures.html?show=${name}`}>{name}</a>
        </li>
      ))}
    </ul>
  );
}

const shown = fixtures[new URLSearchParams(location.search).get('show') ?? ''];
const root = document.getElementById('app');
if (root !== null) {
  render(
    shown === undefined ? (
      <FixtureIndex />
    ) : (
      <Shell page={shown[0]} showSupport={shown[0] === 'support'}>
        {shown[1]()}
      </Shell>
    ),
    root,
  );
}
