/** The contacts, in every state. */
import { useState } from 'preact/hooks';
import { ContactDialog } from '../contacts/contact-dialog.tsx';
import type { ContactsApi } from '../contacts/contacts-list.ts';
import { ContactsPage } from '../contacts/contacts-page.tsx';
import { ContactsResult } from '../contacts/contacts-result.tsx';
import { DeletionNote } from '../contacts/deletion.tsx';
import { OutOfDateNote } from '../contacts/out-of-date-note.tsx';
import { Heading } from '../shell/frame/heading.tsx';
import { networkProblem } from '../shell/services/explain.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { contact } from '../test/sample-states.ts';
import { contactsWords } from '../words/contacts-words.ts';
import { nothing, nothingYet, type PageStates, Pressed, refused, Typed } from './samples.tsx';

const contactsApi = (count: number): ContactsApi => ({
  list: (query) =>
    Promise.resolve(
      query === 'nobody'
        ? { items: [], nextCursor: null, total: 0, unsorted: 0 }
        : {
            items: Array.from({ length: count }, (_, index) => contact(index + 1)),
            nextCursor: count > 0 ? 'more' : null,
            ...{ total: count > 0 ? 18_600 : 0, unsorted: 0 },
          },
    ),
  update: (id) => Promise.resolve(contact(1, { id })),
  remove: nothingYet,
  duplicates: () => Promise.resolve({ items: [], nextCursor: null, total: 0 }),
  read: (id) => Promise.resolve(contact(1, { id })),
  countries: () => Promise.resolve(new Map([['DE', 'Germany']])),
});

const refusedPhone: PageProblem = {
  code: 'invalid_request',
  title: 'The request is not valid',
  detail: '`phone`: must be E.164, such as +4915112345678, or empty.',
  field: 'phone',
};

const changed = contact(7, {
  changedAt: '2026-01-01T09:41:00.000Z',
  changedByImport: '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90',
});
/** A panel that shows what was changed meanwhile, as the page does. */
function ReplacedContact() {
  const [shown, show] = useState(contact(7));
  return (
    <Typed field="company" text="Südwind" press="button[type=submit]">
      <Pressed testId="show-changed">
        <ContactDialog
          contact={shown}
          explain={() => ({ ...refused, code: 'precondition_failed' })}
          onSave={fails}
          onSaved={nothing}
          onReread={() => Promise.resolve({ ...changed, version: changed.version + 1, company: 'Nordwind' })}
          onReplace={show}
          onDelete={nothing}
          onClose={nothing}
        />
      </Pressed>
    </Typed>
  );
}

const contactDialog = (onSave: () => Promise<void>, problem: PageProblem) => (
  <ContactDialog
    contact={contact(7)}
    explain={() => problem}
    onSave={onSave}
    onSaved={nothing}
    onReread={() => Promise.resolve(changed)}
    onReplace={nothing}
    onDelete={nothing}
    onClose={nothing}
  />
);
const openContact = contactDialog(nothingYet, refused);
const fails = (): Promise<void> => Promise.reject(new Error('refused'));
const never = (): Promise<void> => new Promise(() => undefined);

export const contactsStates: PageStates = {
  'contacts-empty': () => <ContactsPage api={contactsApi(0)} explain={() => refused} />,
  'contacts-full': () => <ContactsPage api={contactsApi(50)} explain={() => refused} />,
  'contacts-stored-twice': () => (
    <ContactsPage
      api={{
        ...contactsApi(50),
        duplicates: () => {
          const [one, other] = [contact(1, { writtenEmail: 'info@müller.example' }), contact(2)];
          const item = {
            email: one.email,
            contact: one,
            other: { ...other, writtenEmail: 'info@xn--mller-kva.example' },
          };
          return Promise.resolve({ items: [item], nextCursor: 'more', total: 12 });
        },
      }}
      explain={() => refused}
    />
  ),
  'contacts-searching': () => (
    <>
      <Heading>{contactsWords.title}</Heading>
      <ContactsResult
        view={{
          query: '',
          items: Array.from({ length: 8 }, (_, index) => contact(index + 1)),
          nextCursor: 'more',
          ...{ order: 'email', total: 18_600, unsorted: 0 },
          loading: true,
          requests: 1,
          answeredAt: Date.parse('2026-01-01T09:41:00Z'),
          problem: null,
          isOutOfDate: false,
        }}
        wanted="zzz-nobody"
        searching={true}
        order="email"
        onOrder={nothing}
        onOpen={nothing}
        onMore={nothing}
      />
    </>
  ),
  'contacts-search-failed': () => (
    <ContactsPage
      api={{ ...contactsApi(3), list: () => Promise.reject(new Error('away')) }}
      explain={networkProblem}
    />
  ),
  'contact-dialog': () => openContact,
  'contacts-deleting': () => (
    <>
      <Heading>{contactsWords.title}</Heading>
      <DeletionNote contact={contact(7)} undo={nothing} hold={nothing} goOn={nothing} />
    </>
  ),
  'contacts-out-of-date': () => (
    <>
      <ContactsPage api={contactsApi(50)} explain={() => refused} />
      <OutOfDateNote busy={false} onRead={nothingYet} />
    </>
  ),
  'contact-dialog-changed-meanwhile': () => (
    <Typed field="company" text="Südwind" press="button[type=submit]">
      {contactDialog(fails, { ...refused, code: 'precondition_failed' })}
    </Typed>
  ),
  'contact-dialog-changes-kept': () => <ReplacedContact />,
  'contacts-of-import': () => (
    <ContactsPage api={contactsApi(50)} explain={() => refused} importId="a" onExport={nothingYet} />
  ),
  'contact-dialog-wrong-field': () => (
    <Typed field="phone" text="0151 12345678" press="button[type=submit]">
      {contactDialog(fails, refusedPhone)}
    </Typed>
  ),
  'contact-dialog-not-saved': () => (
    <Typed field="phone" text="+49 151 12345678" press="button[type=submit]">
      {contactDialog(fails, networkProblem())}
    </Typed>
  ),
  'contact-dialog-saving': () => (
    <Typed field="phone" text="+49 151 12345678" press="button[type=submit]">
      {contactDialog(never, refused)}
    </Typed>
  ),
  'contact-dialog-discard-question': () => (
    <Typed field="phone" text="0151 12345678" press="button:not(.is-primary)">
      {openContact}
    </Typed>
  ),
};
