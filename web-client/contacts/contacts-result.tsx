/** What a search of the contacts has found, as far as it has been loaded. */
import type { Contact } from '@tidings/contracts/contact.ts';
import { ActionButton } from '../shell/action-button.tsx';
import { contactsWords } from '../words/words.ts';
import type { ContactsView } from './contacts-list.ts';
import { ContactsTable } from './contacts-table.tsx';

interface ContactsResultProps {
  readonly view: ContactsView;
  /** The search that stands in the field. */
  readonly wanted: string;
  /** Whether the search has been unanswered for so long that the page should say so. */
  readonly searching: boolean;
  readonly onOpen: (contact: Contact) => void;
  readonly onMore: () => void;
}

export function ContactsResult({ view, wanted, searching, onOpen, onMore }: ContactsResultProps) {
  const outdated = wanted !== view.query;
  // These are rows of another search, and no answer is on its way that would replace them.
  if (outdated && view.problem !== null) return null;
  if (view.items.length === 0) return <NoContacts view={view} outdated={outdated} searching={searching} />;
  const more = view.nextCursor !== null && !outdated;
  return (
    <>
      <p class="soft contacts-count" data-testid="contacts-count">
        {searching ? contactsWords.searching : countOf(view)}
      </p>
      <ContactsTable contacts={view.items} outdated={outdated} busy={view.loading} onOpen={onOpen} />
      {more && (
        <p class="contacts-more">
          <ActionButton onClick={onMore} busy={view.loading} testId="load-more">
            {view.loading ? contactsWords.loading : contactsWords.loadMore}
          </ActionButton>
        </p>
      )}
    </>
  );
}

function countOf({ items, nextCursor, loading }: ContactsView): string {
  if (nextCursor === null) return contactsWords.shown(items.length, 'none');
  return contactsWords.shown(items.length, loading ? 'coming' : 'some');
}

interface NoContactsProps {
  readonly view: ContactsView;
  readonly outdated: boolean;
  readonly searching: boolean;
}

function NoContacts({ view, outdated, searching }: NoContactsProps) {
  if (outdated) return <p class="soft contacts-count">{searching ? contactsWords.searching : '\u00A0'}</p>;
  if (view.loading) return <p class="soft">{contactsWords.loading}</p>;
  if (view.problem !== null) return null;
  return (
    <div class="card empty" data-testid="contacts-empty">
      {view.query === '' ? (
        <>
          <h2>{contactsWords.none.title}</h2>
          <p class="soft">{contactsWords.none.detail}</p>
          {view.answeredAt !== null && <p class="soft">{contactsWords.asOf(view.answeredAt)}</p>}
          <p>
            <a class="button is-primary" href="/">
              {contactsWords.none.importFile}
            </a>
          </p>
        </>
      ) : (
        <>
          <h2>{contactsWords.notFound.title}</h2>
          <p class="soft">{contactsWords.notFound.detail(view.query)}</p>
        </>
      )}
    </div>
  );
}
