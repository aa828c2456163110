/** What a search of the contacts has found, as far as it has been loaded. */
import type { Contact, ContactOrder } from '@tidings/contracts/contacts/contact.ts';
import { useEffect, useRef } from 'preact/hooks';
import { ActionButton } from '../shell/components/action-button.tsx';
import { contactsWords } from '../words/contacts-words.ts';
import { formatContacts } from '../words/format/format.ts';
import type { ContactsView } from './contacts-list.ts';
import { ContactsTable } from './contacts-table.tsx';

/** Rows from which on more come by themselves; the first ones stay few, for who only looks. */
const AUTOMATIC_FROM = 50;

interface ContactsResultProps {
  readonly view: ContactsView;
  /** The search that stands in the field. */
  readonly wanted: string;
  /** Whether the search has been unanswered for so long that the page should say so. */
  readonly searching: boolean;
  readonly order: ContactOrder;
  readonly onOrder: (order: ContactOrder) => void;
  readonly onOpen: (contact: Contact) => void;
  readonly onMore: () => void;
}

export function ContactsResult(props: ContactsResultProps) {
  const { view, wanted, searching, order, onOrder, onOpen, onMore } = props;
  const outdated = wanted !== view.query || order !== view.order;
  const end = useNearEnd(onMore, view.items.length);
  // These are rows of another search, and no answer is on its way that would replace them.
  if (outdated && view.problem !== null) return null;
  if (view.items.length === 0) return <NoContacts view={view} outdated={outdated} searching={searching} />;
  const more = view.nextCursor !== null && !outdated;
  return (
    <>
      <p class="soft contacts-count" data-testid="contacts-count">
        {searching ? contactsWords.searching : countOf(view)}
      </p>
      <ContactsTable
        contacts={view.items}
        {...{ order: view.order, outdated, busy: view.loading, onOpen, onOrder }}
      />
      {more && (
        <p class="contacts-more" ref={end}>
          <ActionButton onClick={onMore} busy={view.loading} testId="load-more">
            {view.loading ? contactsWords.loading : contactsWords.loadMore}
          </ActionButton>
        </p>
      )}
    </>
  );
}

/** Calls back when a person comes near the end: once for so many rows that stand before it. */
function useNearEnd(onNear: () => void, rows: number) {
  const end = useRef<HTMLParagraphElement>(null);
  const newest = useRef(onNear);
  newest.current = onNear;
  useEffect(() => {
    if (end.current === null || rows < AUTOMATIC_FROM) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) newest.current();
      },
      { rootMargin: '1200px' },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [rows]);
  return end;
}

function countOf({ items, nextCursor, loading, total, query, unsorted }: ContactsView): string {
  const late = unsorted > 0 ? ` ${contactsWords.unsorted(unsorted)}` : '';
  // Of all contacts the heading says it.
  if (total !== null && query === '') return late.trim() || '\u00A0';
  if (total !== null && nextCursor !== null) return `${formatContacts(total)}${late}`;
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
