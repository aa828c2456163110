/** The contacts: search, page through, open one to change or delete it. */
import './contacts.css';
import type { Contact } from '@tidings/contracts/contact.ts';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { announce } from '../shell/announcer.ts';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { formatCount } from '../words/format.ts';
import { ContactDialog } from './contact-dialog.tsx';
import {
  type ContactsApi,
  type ContactsList,
  type ContactsView,
  createContactsList,
} from './contacts-list.ts';

interface ContactsPageProps {
  readonly api: ContactsApi;
  readonly explain: (error: unknown) => PageProblem;
}

/** Milliseconds without a key press before the search starts. */
const DEBOUNCE_MS = 250;
/** Milliseconds after which an unanswered search is told. */
const PATIENCE_MS = 300;

export function ContactsPage({ api, explain }: ContactsPageProps) {
  const list = useMemo(() => createContactsList(api, explain), [api, explain]);
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<Contact | null>(null);
  useEffect(() => () => list.close(), [list]);
  const wanted = query.trim();
  const search = useCallback(
    () => void list.search(wanted).then(() => announceFound(list, wanted)),
    [list, wanted],
  );
  useEffect(() => {
    const timer = setTimeout(search, wanted === '' ? 0 : DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [search, wanted]);
  const view = list.view.value;
  const searching = useLasting(wanted !== view.query && view.problem === null, PATIENCE_MS);
  useEffect(() => {
    if (searching) announce('Searching…');
  }, [searching]);
  return (
    <>
      <Heading>Contacts</Heading>
      <p class="search">
        <label for="search">Search by e-mail, name or company</label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          maxLength={200}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          data-testid="contacts-search"
        />
      </p>
      {view.problem !== null && (
        <ProblemNote problem={view.problem}>
          <button type="button" class="button" onClick={search} data-testid="search-again">
            Try again
          </button>
        </ProblemNote>
      )}
      <ContactsResult
        view={view}
        wanted={wanted}
        searching={searching}
        onOpen={setOpen}
        onMore={() => void list.more().then(() => announceFound(list, wanted))}
      />
      {open !== null && (
        <ContactDialog
          key={open.id}
          contact={open}
          explain={explain}
          onClose={() => setOpen(null)}
          onSave={async (patch) => {
            await list.update(open.id, patch);
            announce('The contact was saved.');
          }}
          onDelete={async () => {
            await list.remove(open.id);
            announce('The contact was deleted.');
          }}
        />
      )}
    </>
  );
}

/** Told when it is found, and not again when a contact is changed or deleted. */
function announceFound(list: ContactsList, wanted: string): void {
  const { query, items, nextCursor, loading, problem } = list.view.peek();
  if (query !== wanted || query === '' || loading || problem !== null) return;
  if (items.length === 0) announce(`Nothing found for ${query}.`);
  else
    announce(`${nextCursor === null ? '' : 'The first '}${formatContacts(items.length)} shown for ${query}.`);
}

function formatContacts(count: number): string {
  return count === 1 ? 'one contact' : `${formatCount(count)} contacts`;
}

/** Whether a condition has held for so many milliseconds, and holds. */
function useLasting(condition: boolean, milliseconds: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (!condition) return undefined;
    const timer = setTimeout(() => setLasting(true), milliseconds);
    return () => clearTimeout(timer);
  }, [condition, milliseconds]);
  return condition && lasting;
}

interface ContactsResultProps {
  readonly view: ContactsView;
  /** The search that stands in the field. */
  readonly wanted: string;
  /** Whether it has been on its way for so long that the page should say so. */
  readonly searching: boolean;
  readonly onOpen: (contact: Contact) => void;
  readonly onMore: () => void;
}

export function ContactsResult({ view, wanted, searching, onOpen, onMore }: ContactsResultProps) {
  const outdated = wanted !== view.query;
  // Rows of another search, and none is on its way that would replace them.
  if (outdated && view.problem !== null) return null;
  if (view.items.length === 0) return <NoContacts view={view} outdated={outdated} searching={searching} />;
  const more = view.nextCursor !== null && !outdated;
  return (
    <>
      <p class="soft contacts-count" data-testid="contacts-count">
        {searching ? 'Searching…' : countOf(view)}
      </p>
      <table
        class={outdated ? 'contacts is-outdated' : 'contacts'}
        aria-busy={view.loading || outdated}
        inert={outdated}
        data-testid="contacts-table"
      >
        <thead>
          <tr>
            <th scope="col">E-mail</th>
            <th scope="col">Name</th>
            <th scope="col">Phone</th>
            <th scope="col">Company</th>
            <th scope="col">Country</th>
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {view.items.map((contact) => (
            <ContactRow key={contact.id} contact={contact} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {more && (
        <p class="contacts-more">
          <button
            type="button"
            class="button"
            onClick={onMore}
            disabled={view.loading}
            data-testid="load-more"
          >
            {view.loading ? 'Loading…' : 'Load more'}
          </button>
        </p>
      )}
    </>
  );
}

function countOf({ items, nextCursor, loading }: ContactsView): string {
  const count = formatCount(items.length);
  if (nextCursor === null) return `${count} shown`;
  return `The first ${count} shown${loading ? ', looking for more…' : ''}`;
}

interface NoContactsProps {
  readonly view: ContactsView;
  readonly outdated: boolean;
  readonly searching: boolean;
}

function NoContacts({ view, outdated, searching }: NoContactsProps) {
  if (outdated) return <p class="soft contacts-count">{searching ? 'Searching…' : '\u00A0'}</p>;
  if (view.loading) return <p class="soft">Loading…</p>;
  if (view.problem !== null) return null;
  return (
    <div class="card empty" data-testid="contacts-empty">
      {view.query === '' ? (
        <>
          <h2>No contacts yet</h2>
          <p class="soft">They appear here with the first import.</p>
          <p>
            <a class="button is-primary" href="/">
              Import a file
            </a>
          </p>
        </>
      ) : (
        <>
          <h2>Nothing found</h2>
          <p class="soft">No contact fits “{view.query}”. Try a shorter part of the e-mail or the name.</p>
        </>
      )}
    </div>
  );
}

function ContactRow({ contact, onOpen }: { contact: Contact; onOpen: (contact: Contact) => void }) {
  const name = `${contact.firstName} ${contact.lastName}`.trim();
  return (
    <tr data-testid="contact-row">
      <th scope="row">
        <span class="file-name">{contact.email}</span>
        <span class="row-name">{name}</span>
      </th>
      <td>{name}</td>
      <td>{contact.phone}</td>
      <td>{contact.company}</td>
      <td>{contact.country}</td>
      <td class="is-action">
        <button type="button" class="button is-small" onClick={() => onOpen(contact)}>
          Edit<span class="unseen"> {contact.email}</span>
        </button>
      </td>
    </tr>
  );
}
