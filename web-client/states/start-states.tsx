/** The start of an import, in every state. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { ComponentChildren } from 'preact';
import type { GivenUpImport } from '../following/followed/followed-imports.ts';
import type { ChosenFile } from '../import/check/chosen-file.ts';
import { type EarlierView, nothingAsked } from '../import/earlier/earlier-imports.ts';
import { EarlierList, type EarlierListProps } from '../import/earlier/earlier-list.tsx';
import { OpeningImport } from '../import/open-import.tsx';
import { ImportStart } from '../import/start/import-start.tsx';
import { networkProblem } from '../shell/services/explain.ts';
import {
  endedState,
  endedWith,
  FIXTURE_TIME,
  fixtureFile,
  importState,
  importView,
  minutesAgo,
  receivingState,
  rememberedImport,
  sentUpload,
} from '../test/sample-states.ts';
import { failedState } from './run-sample.tsx';
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

const undoneAt = endedState().endedAt;
const told: ImportState[] = [
  importState({ importId: 'r', fileName: 'newsletter-2026.csv' }),
  minutesAgo(1, receivingState(1_250_000, undefined, { importId: 's', fileName: 'uploading.csv' })),
  minutesAgo(
    20,
    endedWith(
      { created: 50 },
      {
        ...{ importId: 'm3', fileName: 'spring-fair-visitors-rejected-rejected.xlsx' },
        ...{ mends: 'm2', status: 'completed' },
      },
    ),
  ),
  minutesAgo(
    25,
    endedWith(
      { created: 190, rejected: 50 },
      { importId: 'm2', fileName: 'spring-fair-visitors-rejected.csv', mends: 'f' },
    ),
  ),
  minutesAgo(40, endedWith({ rejected: 40 }, { importId: 'd', fileName: 'all-rejected.csv' })),
  minutesAgo(
    90,
    endedWith({ created: 16_400, updated: 900, unchanged: 2_460, rejected: 240 }, { importId: 'f' }),
  ),
  minutesAgo(120, { ...failedState, importId: 'e', fileName: 'broken.csv' }),
  minutesAgo(
    1_500,
    endedWith(
      { created: 12 },
      { importId: 'o', fileName: 'old-rejected.csv', status: 'completed', mends: 'gone' },
    ),
  ),
  minutesAgo(
    3_000,
    endedWith(
      { created: 11_000, updated: 3_000, unchanged: 900, rejected: 100, failed: 5_000 },
      {
        importId: 'c',
        fileName: 'a-rather-long-name-that-somebody-gave-to-an-export-from-another-system-final-v2.csv',
      },
    ),
  ),
  minutesAgo(
    4_500,
    endedWith(
      { created: 20_000 },
      {
        ...{ importId: 'u', fileName: 'taken-back.csv', status: 'undone' },
        undo: { reversed: 20_000, kept: 0, failed: 0, endedAt: undoneAt },
      },
    ),
  ),
  minutesAgo(
    6_000,
    endedWith(
      { created: 20_000 },
      { importId: 't', fileName: 'only-checked.csv', dryRun: true, status: 'completed' },
    ),
  ),
];

const remembered = [
  rememberedImport({ importId: 'a', status: 'importing', rows: null, fileName: 'newsletter-2026.csv' }),
  rememberedImport({ importId: 'd', status: 'completed_with_errors', rows: 40, nothingImported: true }),
  rememberedImport({ importId: 'f', status: 'completed_with_errors', rest: 'mended' }),
  rememberedImport({ importId: 'u', status: 'completed_with_errors', rest: 'unknown', fileName: 'fair.csv' }),
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
