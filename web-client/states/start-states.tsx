/** The start of an import, in every state. */
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import type { ComponentChildren } from 'preact';
import type { GivenUpImport } from '../following/followed-imports.ts';
import type { ChosenFile } from '../import/check/chosen-file.ts';
import { type EarlierView, nothingAsked } from '../import/earlier/earlier-imports.ts';
import { EarlierList, type EarlierListProps } from '../import/earlier/earlier-list.tsx';
import { OpeningImport } from '../import/open-import.tsx';
import { ImportStart } from '../import/start/import-start.tsx';
import { networkProblem } from '../shell/explain.ts';
import {
  endedState,
  FIXTURE_TIME,
  fixtureFile,
  importState,
  importView,
  rememberedImport,
  sentUpload,
} from '../test/sample-states.ts';
import { nothing, type PageStates, refused } from './samples.tsx';

const unsentImports = [
  { key: 'u1', view: importView({ connection: { kind: 'reconnecting', since: FIXTURE_TIME } }) },
  {
    key: 'u2',
    view: importView({
      fileName: 'invoices.csv',
      upload: { ...sentUpload, phase: 'broken' },
      problem: { code: 'not_csv', title: '', detail: '' },
    }),
  },
].map((entry) => ({ ...entry, startedAt: FIXTURE_TIME, show: nothing, giveUp: nothing }));

const ended = (importId: string, changes: Partial<ImportState>): ImportState =>
  endedState({ importId, ...changes });
const rowsOf = (counts: Partial<ImportState['rows']>) => ({ ...noRows(), total: 20_000, ...counts });

const told: ImportState[] = [
  importState({ importId: 'r', fileName: 'newsletter-2026.csv' }),
  importState({
    importId: 's',
    fileName: 'uploading.csv',
    upload: 'receiving',
    rows: { ...importState().rows, total: null },
  }),
  ended('m2', {
    fileName: 'spring-fair-visitors-rejected.csv',
    mends: 'f',
    rows: rowsOf({ total: 240, created: 190, rejected: 50 }),
  }),
  ended('m3', {
    fileName: 'spring-fair-visitors-rejected-rejected.xlsx',
    mends: 'm2',
    status: 'completed',
    rows: rowsOf({ total: 50, created: 50 }),
  }),
  ended('d', { fileName: 'all-rejected.csv', rows: rowsOf({ total: 40, rejected: 40 }) }),
  ended('f', { rows: rowsOf({ created: 16_400, updated: 900, unchanged: 2_460, rejected: 240 }) }),
  ended('e', { fileName: 'broken.csv', status: 'failed', rows: rowsOf({ total: 4_200, created: 4_200 }) }),
  ended('o', {
    fileName: 'old-rejected.csv',
    status: 'completed',
    mends: 'gone',
    rows: rowsOf({ total: 12, created: 12 }),
  }),
  ended('c', {
    fileName: 'a-rather-long-name-that-somebody-gave-to-an-export-from-another-system-final-v2.csv',
    rows: rowsOf({ created: 11_000, updated: 3_000, unchanged: 900, rejected: 100, failed: 5_000 }),
  }),
  ended('u', { fileName: 'taken-back.csv', status: 'undone', rows: rowsOf({ created: 20_000 }) }),
  ended('t', {
    fileName: 'only-checked.csv',
    dryRun: true,
    status: 'completed',
    rows: rowsOf({ created: 20_000 }),
  }),
];

const remembered = [
  rememberedImport({ importId: 'd', status: 'completed_with_errors', nothingImported: true }),
  rememberedImport({ importId: 'a', status: 'importing', rows: null, fileName: 'newsletter-2026.csv' }),
];

const answered: Partial<EarlierView> = { answeredAt: FIXTURE_TIME, isAsking: false };

function earlier(view: Partial<EarlierView>, more: Partial<EarlierListProps> = {}): ComponentChildren {
  return (
    <EarlierList
      view={{ ...nothingAsked, ...view }}
      remembered={[]}
      unsent={[]}
      follow={() => ({ followed: null, leave: nothing })}
      onMore={nothing}
      onAskAgain={nothing}
      {...more}
    />
  );
}

const someEarlier = earlier({ ...answered, imports: told, nextCursor: 'more' }, { unsent: unsentImports });

interface StartSample {
  readonly list?: ComponentChildren;
  readonly over?: boolean;
  readonly givenUp?: GivenUpImport | null;
}

function start(
  chosen: ChosenFile,
  { list = earlier(answered), over = false, givenUp = null }: StartSample = {},
): ComponentChildren {
  return (
    <ImportStart
      chosen={chosen}
      onFile={nothing}
      over={over}
      givenUp={givenUp}
      mostBytes={1024 ** 3}
      onStart={nothing}
    >
      {list}
    </ImportStart>
  );
}

export const startStates: PageStates = {
  'start-empty': () => start({ kind: 'none' }),
  'start-drag-over': () => start({ kind: 'none' }, { over: true }),
  'start-earlier': () => start({ kind: 'none' }, { list: someEarlier }),
  'start-earlier-asked': () => start({ kind: 'none' }, { list: earlier({}, { remembered }) }),
  'start-earlier-unknown': () =>
    start(
      { kind: 'none' },
      { list: earlier({ problem: networkProblem(), isAsking: false }, { remembered }) },
    ),
  'start-earlier-old': () =>
    start({ kind: 'none' }, { list: earlier({ ...answered, imports: told, problem: networkProblem() }) }),
  'start-given-up': () =>
    start({ kind: 'none' }, { givenUp: { fileName: fixtureFile.name, how: 'not_sent' } }),
  'start-cut-off': () =>
    start({ kind: 'none' }, { list: someEarlier, givenUp: { fileName: fixtureFile.name, how: 'cut_off' } }),
  'start-refused': () => start({ kind: 'refused', name: 'a.png', problem: refused }),
  'open-looking': () => <OpeningImport importId={endedState().importId} problem={null} />,
  'open-waiting': () => <OpeningImport importId={endedState().importId} problem={networkProblem()} />,
  'open-unknown': () => <OpeningImport importId={endedState().importId} problem={refused} />,
};
