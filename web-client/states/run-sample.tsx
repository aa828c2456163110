/** A run of an import, as several states show it. */
import type { RejectedRowItem, UndoItem } from '@tidings/contracts/http.ts';
import type { ComponentChildren } from 'preact';
import type { ImportView } from '../following/import-view.ts';
import type { RejectedAccess } from '../following/rejected-access.ts';
import type { ImportActions } from '../import/place/import-actions.ts';
import ImportRun from '../import/run/import-run.tsx';
import { endedState, FIXTURE_TIME, importView, sentUpload } from '../test/sample-states.ts';
import { nothing, nothingYet } from './samples.tsx';

const keptReasons = ['edited_since', 'imported_since', 'confirmed_since'];
const keptContacts: UndoItem[] = Array.from({ length: 6 }, (_, index) => ({
  contactId: `01958f2a-7c11-7d3e-9a54-00000000000${index}`,
  email: index === 3 ? `${'a-long-name.'.repeat(8)}@example.org` : `visitor.${index}@example.org`,
  outcome: index === 5 ? 'failed' : 'kept',
  reason: index === 5 ? 'page_failed' : (keptReasons[index % keptReasons.length] ?? ''),
}));

const samples: RejectedRowItem[] = Array.from({ length: 250 }, (_, index) => {
  const isPhone = index % 5 === 0;
  const fault = isPhone
    ? { code: 'phone_invalid', reason: 'The phone number is not valid.', column: 'phone' }
    : { code: 'email_invalid', reason: 'The e-mail address is not valid.', column: 'email' };
  return {
    row: index * 80 + 1,
    line: index * 80 + 2,
    codes: [fault.code],
    faults: index === 1 ? [] : [fault],
    cells: {
      email: isPhone ? `visitor.${index}@example.org` : `visitor ${index} at example.org`,
      'first name': 'Ana',
      company: 'Orchard Ltd',
      phone: isPhone ? '12' : '',
    },
    // The second is right, the third is not.
    mended: index === 1 || index === 2,
    mendedBy: null,
  };
});

const rejectedSamples: RejectedAccess = {
  list: () => Promise.resolve({ items: samples, nextCursor: null, left: samples.length }),
  fetchFile: () => Promise.resolve(new Blob()),
  read: () => Promise.reject(new Error('refused')),
  mend: () => Promise.reject(new Error('refused')),
  ignore: () => Promise.resolve(),
  hand: () => Promise.resolve({ importId: 'b', channelId: 'c', rows: 1 }),
  menders: () =>
    Promise.resolve([
      endedState({
        importId: 'b',
        fileName: 'spring-fair-visitors-rejected.csv',
        mends: 'a',
        rows: {
          ...endedState().rows,
          total: 200,
          created: 180,
          updated: 18,
          unchanged: 0,
          duplicate: 0,
          rejected: 2,
        },
      }),
    ]),
};

const actions: ImportActions = {
  cancel: nothingYet,
  takeBack: nothingYet,
  retryFailed: nothingYet,
  fetchKept: () => Promise.resolve({ items: [...keptContacts], nextCursor: 'more' }),
  downloadRejected: nothingYet,
  openRejected: () => Promise.resolve(rejectedSamples),
  tellWhenDone: () => Promise.resolve(true),
  follow: () => ({ followed: null, leave: nothing }),
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
