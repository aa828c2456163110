/** The contacts: search, page through, open one to change or delete it. */
import './contacts.css';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Contact } from '../contracts/contact.ts';
import { announce } from './announcer.ts';
import { ContactDialog } from './contact-dialog.tsx';
import { type ContactsApi, type ContactsView, createContactsList } from './contacts-list.ts';
import { formatCount } from './format.ts';
import { Heading } from './heading.tsx';
import type { PageProblem } from './import-view.ts';
import { ProblemNote } from './problem-note.tsx';

interface ContactsPageProps {
  readonly api: ContactsApi;
  readonly explain: (error: unknown) => PageProblem;
}

/** Milliseconds without a key press before the search starts. */
const DEBOUNCE_MS = 250;

export function ContactsPage({ api, explain }: ContactsPageProps) {
  const list = useMemo(() => createContactsList(api, explain), [api, explain]);
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<Contact | null>(null);
  useEffect(() => () => list.close(), [list]);
  useEffect(() => {
    const timer = setTimeout(() => void list.search(query.trim()), query === '' ? 0 : DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [list, query]);
  const view = list.view.value;
  const found = view.loading || view.problem !== null ? null : view.items.length;
  useEffect(() => {
    if (found !== null && view.query !== '') announce(`${formatContacts(found)} shown for ${view.query}.`);
  }, [found, view.query]);
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
      {view.problem !== null && <ProblemNote problem={view.problem} />}
      <ContactsResult view={view} onOpen={setOpen} onMore={() => void list.more()} />
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

function formatContacts(count: number): string {
  return count === 1 ? 'One contact' : `${formatCount(count)} contacts`;
}

interface ContactsResultProps {
  readonly view: ContactsView;
  readonly onOpen: (contact: Contact) => void;
  readonly onMore: () => void;
}

export function ContactsResult({ view, onOpen, onMore }: ContactsResultProps) {
  if (view.items.length === 0) return <NoContacts view={view} />;
  const more = view.nextCursor !== null;
  return (
    <>
      <p class="soft contacts-count" data-testid="contacts-count">
        {more
          ? `The first ${formatCount(view.items.length)} shown`
          : `${formatCount(view.items.length)} shown`}
      </p>
      <table class="contacts" aria-busy={view.loading}>
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

function NoContacts({ view }: { view: ContactsView }) {
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
