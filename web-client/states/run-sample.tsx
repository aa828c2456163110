/** A run of an import, as several states show it. */

import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { RejectedRowItem } from '@tidings/contracts/imports/rejected-rows.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { ComponentChildren } from 'preact';
import type { RejectedAccess } from '../following/access/rejected-access.ts';
import type { ImportView } from '../following/view/import-view.ts';
import type { ImportActions } from '../import/place/import-actions.ts';
import ImportRun from '../import/run/import-run.tsx';
import { endedWith, FIXTURE_TIME, importView, sentUpload } from '../test/sample-states.ts';
import { nothing, nothingYet } from './samples.tsx';

/** Contacts that an undo has left, which are listed at first. */
const KEPT_AT_FIRST = 6;
const keptReasons = ['edited_since', 'imported_since', 'confirmed_since'];

function keptContacts({ undo }: ImportState): UndoItem[] {
  const { kept, failed } = undo ?? { kept: 0, failed: 0 };
  return Array.from({ length: kept + failed }, (_, index) => ({
    contactId: `01958f2a-7c11-7d3e-9a54-${String(index).padStart(12, '0')}`,
    email: index === 3 ? `${'a-long-name.'.repeat(8)}@example.org` : `visitor.${index}@example.org`,
    ...(index < failed
      ? { outcome: 'failed', reason: 'page_failed' }
      : { outcome: 'kept', reason: keptReasons[index % keptReasons.length] ?? '' }),
  }));
}

/** @param handed how many of the rejected rows an import has that mends this one */
function rejectedRows({ rows: { rejected, total } }: ImportState, handed: number): RejectedRowItem[] {
  const step = Math.floor((total ?? rejected) / Math.max(1, rejected));
  return Array.from({ length: rejected }, (_, index) => {
    const isPhone = index % 5 === 0;
    const fault = isPhone
      ? { code: 'phone_invalid', reason: 'The phone number is not valid.', column: 'phone' }
      : { code: 'email_invalid', reason: 'The e-mail address is not valid.', column: 'email' };
    const isRight = index <= handed;
    return {
      row: index * step + 1,
      line: index * step + 2,
      codes: [fault.code],
      faults: isRight ? [] : [fault],
      cells: {
        email: isPhone || isRight ? `visitor.${index}@example.org` : `visitor ${index} at example.org`,
        'first name': 'Ana',
        company: 'Orchard Ltd',
        phone: isPhone && !isRight ? '12' : '',
      },
      // Of those that are left, the first is mended and right, the second is mended and not right.
      mended: index <= handed + 1,
      mendedBy: index < handed ? 'b' : null,
    };
  });
}

/** One row in a hundred of those that were handed over was not right. */
function mendersOf({ importId: mends }: ImportState, handed: number): ImportState[] {
  const rejected = Math.ceil(handed / 100);
  const mender = { importId: 'b', fileName: 'spring-fair-visitors-rejected.csv', mends };
  return handed === 0 ? [] : [endedWith({ created: handed - rejected - 18, updated: 18, rejected }, mender)];
}

function rejectedAccess(state: ImportState, handed: number): RejectedAccess {
  const menders = mendersOf(state, handed);
  const mended = handed - (menders[0]?.rows.rejected ?? 0);
  const items = rejectedRows(state, handed);
  return {
    list: () => Promise.resolve({ items, nextCursor: null, left: items.length - mended }),
    fetchFile: () => Promise.resolve(new Blob()),
    read: () => Promise.reject(new Error('refused')),
    mend: () => Promise.reject(new Error('refused')),
    ignore: () => Promise.resolve(),
    hand: () => Promise.resolve({ importId: 'b', channelId: 'c', rows: 1 }),
    menders: () => Promise.resolve(menders),
  };
}

function actionsOf(state: ImportState, handed: number): ImportActions {
  const kept = keptContacts(state);
  const nextCursor = kept.length > KEPT_AT_FIRST ? 'more' : null;
  return {
    cancel: nothingYet,
    takeBack: nothingYet,
    retryFailed: nothingYet,
    fetchKept: () => Promise.resolve({ items: kept.slice(0, KEPT_AT_FIRST), nextCursor }),
    downloadRejected: nothingYet,
    openRejected: () => Promise.resolve(rejectedAccess(state, handed)),
    tellWhenDone: () => Promise.resolve(true),
    follow: () => ({ followed: null, leave: nothing }),
  };
}

interface RunSample {
  /** Whether the page itself has sent the file. */
  readonly sender?: boolean;
  /** How many rejected rows were mended and handed over. */
  readonly handed?: number;
}

export function run(
  changes: Partial<ImportView>,
  { sender = true, handed = 0 }: RunSample = {},
): ComponentChildren {
  const { state = null } = changes;
  const told = state === null ? {} : { importId: state.importId, fileName: state.fileName };
  return (
    <ImportRun
      view={importView({ ...changes, ...told })}
      actions={actionsOf(state ?? endedWith({}), handed)}
      onSendAgain={sender ? nothing : null}
      onGiveUp={changes.importId === undefined ? nothing : null}
      onFile={nothing}
    />
  );
}

/** When the page was told the newest of it, milliseconds since 1970. */
const TOLD_AT = FIXTURE_TIME + 1_500;

export const known = { upload: sentUpload, importId: 'a', stateAt: TOLD_AT } as const;

export const failedState = endedWith(
  { created: 4_000, updated: 150, duplicate: 50 },
  { status: 'failed', upload: 'aborted', uploadError: 'connection_broken', sealedAt: null },
);

export const undoing = { reversed: 1_500, kept: 0, failed: 0, endedAt: null };
