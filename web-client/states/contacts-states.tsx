/** The contacts, in every state. */
import { ContactDialog } from '../contacts/contact-dialog.tsx';
import type { ContactsApi } from '../contacts/contacts-list.ts';
import { ContactsPage } from '../contacts/contacts-page.tsx';
import { ContactsResult } from '../contacts/contacts-result.tsx';
import { networkProblem } from '../shell/explain.ts';
import { Heading } from '../shell/heading.tsx';
import { contact } from '../test/sample-states.ts';
import { contactsWords } from '../words/contacts.ts';
import { nothing, nothingYet, type PageStates, Pressed, refused } from './samples.tsx';

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

const openContact = (
  <ContactDialog
    contact={contact(7)}
    explain={() => refused}
    onSave={nothingYet}
    onDelete={nothingYet}
    onClose={nothing}
  />
);

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
      explain={() => networkProblem}
    />
  ),
  'contact-dialog': () => openContact,
  'contact-dialog-delete-question': () => <Pressed testId="delete">{openContact}</Pressed>,
};
