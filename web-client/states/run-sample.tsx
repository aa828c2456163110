/** A run of an import, as several states show it. */
import type { UndoItem } from '@tidings/contracts/http.ts';
import type { ComponentChildren } from 'preact';
import type { ImportView } from '../following/import-view.ts';
import type { ImportActions } from '../import/import-actions.ts';
import ImportRun from '../import/import-run.tsx';
import { endedState, FIXTURE_TIME, importView, sentUpload } from '../test/sample-states.ts';
import { nothing, nothingYet } from './samples.tsx';

const keptReasons = ['edited_since', 'imported_since', 'confirmed_since'];
const keptContacts: UndoItem[] = Array.from({ length: 6 }, (_, index) => ({
  contactId: `01958f2a-7c11-7d3e-9a54-00000000000${index}`,
  email: index === 3 ? `${'a-long-name.'.repeat(8)}@example.org` : `visitor.${index}@example.org`,
  outcome: index === 5 ? 'failed' : 'kept',
  reason: index === 5 ? 'page_failed' : (keptReasons[index % keptReasons.length] ?? ''),
}));

const actions: ImportActions = {
  cancel: nothingYet,
  takeBack: nothingYet,
  retryFailed: nothingYet,
  fetchKept: () => Promise.resolve({ items: [...keptContacts], nextCursor: 'more' }),
  downloadRejected: nothingYet,
};

/** @param sender whether the page itself has sent the file */
export function run(changes: Partial<ImportView>, sender = true): ComponentChildren {
  return (
    <ImportRun
      view={importView(changes)}
      actions={actions}
      onSendAgain={sender ? nothing : null}
      onGiveUp={changes.importId === undefined ? nothing : null}
      onFile={nothing}
    />
  );
}

export const known = { upload: sentUpload, importId: 'a', stateAt: FIXTURE_TIME } as const;

export const failedState = endedState({
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

export const undoing = { reversed: 1_500, kept: 0, failed: 0, endedAt: null };
