/** The contacts, in every state. */
import { ContactDialog } from '../contacts/contact-dialog.tsx';
import type { ContactsApi } from '../contacts/contacts-list.ts';
import { ContactsPage } from '../contacts/contacts-page.tsx';
import { ContactsResult } from '../contacts/contacts-result.tsx';
import { networkProblem } from '../shell/explain.ts';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { contact } from '../test/sample-states.ts';
import { contactsWords } from '../words/words.ts';
import { nothing, nothingYet, type PageStates, Pressed, refused, Typed } from './samples.tsx';

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

const refusedPhone: PageProblem = {
  code: 'invalid_request',
  title: 'The request is not valid',
  detail: '`phone`: must be E.164, such as +4915112345678, or empty.',
  field: 'phone',
};

const contactDialog = (onSave: () => Promise<void>, problem: PageProblem) => (
  <ContactDialog
    contact={contact(7)}
    explain={() => problem}
    onSave={onSave}
    onDelete={nothingYet}
    onClose={nothing}
  />
);
const openContact = contactDialog(nothingYet, refused);
const fails = (): Promise<void> => Promise.reject(new Error('refused'));
const never = (): Promise<void> => new Promise(() => undefined);

export const contactsStates: PageStates = {
  'contacts-empty': () => <ContactsPage api={contactsApi(0)} explain={() => refused} />,
  'contacts-full': () => <ContactsPage api={contactsApi(50)} explain={() => refused} />,
  'contacts-searching': () => (
    <>
      <Heading>{contactsWords.title}</Heading>
      <ContactsResult
        view={{
          query: '',
          items: Array.from({ length: 8 }, (_, index) => contact(index + 1)),
          nextCursor: 'more',
          loading: true,
          requests: 1,
          answeredAt: Date.parse('2026-01-01T09:41:00Z'),
          problem: null,
        }}
        wanted="zzz-nobody"
        searching={true}
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
  'contact-dialog-delete-question': () => <Pressed testId="delete">{openContact}</Pressed>,
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
