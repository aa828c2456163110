/** The contacts: search, load more, open one to change or delete it. */
import './contacts.css';
import { type Contact, type ContactOrder, contactOrders } from '@tidings/contracts/contacts/contact.ts';
import { MAX_CONTACT_QUERY } from '@tidings/contracts/limits.ts';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { EarlierApi } from '../import/earlier/earlier-imports.ts';
import { navigate } from '../router.ts';
import { useReturn } from '../shell/browser/use-return.ts';
import { ActionButton } from '../shell/components/action-button.tsx';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { Heading } from '../shell/frame/heading.tsx';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { contactsAnnouncements, contactsWords } from '../words/contacts-words.ts';
import { formatContacts } from '../words/format/format.ts';
import { joinSentences } from '../words/format/sentences.ts';
import { problemWords } from '../words/words.ts';
import { ContactDialog } from './contact-dialog.tsx';
import {
  type ContactsApi,
  type ContactsList,
  type ContactsView,
  createContactsList,
} from './contacts-list.ts';
import { ContactsResult } from './contacts-result.tsx';
import { DeletionNote, useDeletion } from './deletion.tsx';
import { DuplicatesNote } from './duplicates-note.tsx';
import { useImportEnds } from './import-ends.ts';
import { OutOfDateNote } from './out-of-date-note.tsx';

interface ContactsPageProps {
  readonly api: ContactsApi;
  readonly explain: (error: unknown) => PageProblem;
  /** The import whose contacts are shown; null: all. */
  readonly importId?: string | null;
  /** The imports, of which the page says that one has ended. */
  readonly imports?: EarlierApi | null;
  /** Lets the browser save the contacts of a search as a file. */
  readonly onExport?: (query: string) => Promise<void>;
}

/** Milliseconds without a key press before the search starts. */
const DEBOUNCE_MS = 250;
/** Milliseconds after which the page says that a search is unanswered. */
const PATIENCE_MS = 300;
/** Milliseconds without an answer after which the page says that the server does not answer. */
const SILENCE_MS = 4_000;

export function ContactsPage(props: ContactsPageProps) {
  const { api, explain, importId = null, imports = null, onExport } = props;
  const list = useMemo(() => createContactsList(api, explain), [api, explain]);
  const [query, setQuery] = useState(() => parameterOf('query'));
  const [order, setOrder] = useState<ContactOrder>(() => orderOf(parameterOf('sort')));
  const [open, setOpen] = useState<Contact | null>(null);
  const countries = useCountries(api, open !== null);
  useEffect(() => () => list.close(), [list]);
  const wanted = query.trim();
  const search = useSearch(list, wanted, order);
  useAddress(wanted, order, importId);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const deletion = useDeletion({
    hide: (id) => {
      const show = list.hide(id);
      setGone((before) => new Set([...before, id]));
      return () => {
        show();
        setGone((before) => new Set([...before].filter((one) => one !== id)));
      };
    },
    remove: list.remove,
    onFailed: list.tell,
  });
  const askForEnds = useImportEnds(imports, list.noteChange);
  const lookAgain = useCallback(() => {
    // In this order: of ends that are told now, the rows that are asked for next know.
    askForEnds();
    void list.refresh(wanted);
  }, [askForEnds, list, wanted]);
  useReturn(lookAgain);
  const view = list.view.value;
  const isOutdated = wanted !== view.query || order !== view.order;
  const searching = useLasting(isOutdated && view.problem === null, PATIENCE_MS);
  const silent = useLasting(view.loading && view.problem === null, SILENCE_MS, view.requests);
  useEffect(() => {
    if (searching) announce(contactsAnnouncements.searching);
  }, [searching]);
  return (
    <>
      <Heading>{titleOf(view, isOutdated)}</Heading>
      <div class="contacts-tools">
        <SearchField query={query} isSearching={searching} onQuery={setQuery} />
        {onExport !== undefined && <ExportButton act={() => onExport(wanted)} onFailed={list.tell} />}
      </div>
      {view.isOutOfDate && deletion.contact === null && (
        <OutOfDateNote busy={view.loading} onRead={() => list.readAnew(wanted)} />
      )}
      {importId !== null && (
        <p class="callout" data-testid="import-filter">
          {contactsWords.ofImport} <a href="/contacts">{contactsWords.showAll}</a>
        </p>
      )}
      {view.problem !== null && (
        <ProblemNote problem={view.problem} note={noteOf(view, wanted)}>
          <ActionButton onClick={search} testId="search-again">
            {contactsWords.tryAgain}
          </ActionButton>
        </ProblemNote>
      )}
      {silent && (
        <p class="callout is-warn" role="status" data-testid="contacts-silent">
          {contactsWords.silent(view.answeredAt)}
        </p>
      )}
      <DuplicatesNote {...{ api, gone, onOpen: setOpen, onFailed: list.tell }} />
      <ContactsResult
        view={view}
        wanted={wanted}
        searching={searching}
        order={order}
        onOrder={setOrder}
        onOpen={setOpen}
        onMore={() => void list.more().then(() => announceFound(list, wanted))}
      />
      <DeletionNote {...deletion} />
      {open !== null && (
        <OpenContact
          key={open.id}
          contact={open}
          countries={countries}
          onReplace={setOpen}
          list={list}
          explain={explain}
          onDelete={deletion.begin}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

/** How many there are, where no search is between. */
function titleOf({ query, total }: ContactsView, isOutdated: boolean): string {
  return total === null || total === 0 || query !== '' || isOutdated
    ? contactsWords.title
    : formatContacts(total);
}

/** Asked for once, when a contact is opened; null until then, and where the server does not tell: ISO has a list as well. */
function useCountries(api: ContactsApi, isWanted: boolean): ReadonlyMap<string, string> | null {
  const [countries, setCountries] = useState<ReadonlyMap<string, string> | null>(null);
  useEffect(() => {
    if (isWanted && countries === null) api.countries().then(setCountries, () => undefined);
  }, [api, isWanted]);
  return countries;
}

/** How it goes on by itself, and as of when the rows below are; those of another search are not shown. */
function noteOf({ problem, query, answeredAt }: ContactsView, wanted: string): string | null {
  const asOf = answeredAt === null || query !== wanted ? null : contactsWords.asOf(answeredAt);
  const notes = [problem?.retriable === true ? problemWords.asksAgain : null, asOf];
  return joinSentences(notes) || null;
}

/** Searches after a pause in typing; returns what starts the same search at once. */
function useSearch(list: ContactsList, wanted: string, order: ContactOrder): () => void {
  const search = useCallback(
    () => void list.search(wanted, order).then(() => announceFound(list, wanted)),
    [list, wanted, order],
  );
  useEffect(() => {
    const timer = setTimeout(search, wanted === '' ? 0 : DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [search, wanted]);
  return search;
}

/** Announced when a search is answered, and not again when a contact is changed or deleted. */
function announceFound(list: ContactsList, wanted: string): void {
  const { query, items, nextCursor, loading, problem } = list.view.peek();
  if (query !== wanted || query === '' || loading || problem !== null) return;
  if (items.length === 0) announce(contactsAnnouncements.nothingFound(query));
  else announce(contactsAnnouncements.found(items.length, query, nextCursor === null));
}

/** Whether a condition holds, and has held for so many milliseconds since `of` changed last. */
function useLasting(condition: boolean, milliseconds: number, of = 0): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (!condition) return undefined;
    const timer = setTimeout(() => setLasting(true), milliseconds);
    return () => clearTimeout(timer);
  }, [condition, milliseconds, of]);
  return condition && lasting;
}

interface SearchFieldProps {
  readonly query: string;
  readonly isSearching: boolean;
  readonly onQuery: (query: string) => void;
}

function SearchField({ query, isSearching, onQuery }: SearchFieldProps) {
  return (
    <p class={isSearching ? 'search is-searching' : 'search'}>
      <label for="search">{contactsWords.search}</label>
      <input
        id="search"
        type="search"
        autocomplete="off"
        maxLength={MAX_CONTACT_QUERY}
        value={query}
        onInput={(event) => onQuery(event.currentTarget.value)}
        data-testid="contacts-search"
      />
    </p>
  );
}

function parameterOf(name: string): string {
  return typeof location === 'undefined' ? '' : (new URLSearchParams(location.search).get(name) ?? '');
}

function orderOf(text: string): ContactOrder {
  return contactOrders.find((order) => order === text) ?? 'email';
}

/** Keeps what is looked at in the address, so that it can be reloaded and sent to somebody. */
function useAddress(query: string, order: ContactOrder, importId: string | null): void {
  useEffect(() => {
    if (location.pathname.replace(/\/+$/, '') !== '/contacts') return;
    const given = Object.entries({ query, sort: order === 'email' ? '' : order, import: importId ?? '' });
    const search = new URLSearchParams(given.filter(([, value]) => value !== '')).toString();
    const address = `/contacts${search === '' ? '' : `?${search}`}`;
    if (address !== `${location.pathname}${location.search}`) navigate(address, { replace: true });
  }, [query, order, importId]);
}

function ExportButton({ act, onFailed }: { act: () => Promise<void>; onFailed: (error: unknown) => void }) {
  const [busy, setBusy] = useState(false);
  const run = (): void => {
    setBusy(true);
    act()
      .catch(onFailed)
      .finally(() => setBusy(false));
  };
  return (
    <ActionButton onClick={run} busy={busy} testId="export-contacts">
      {busy ? contactsWords.exporting : contactsWords.export}
    </ActionButton>
  );
}

interface OpenContactProps {
  readonly contact: Contact;
  readonly list: ContactsList;
  readonly explain: (error: unknown) => PageProblem;
  readonly countries: ReadonlyMap<string, string> | null;
  readonly onReplace: (contact: Contact) => void;
  readonly onDelete: (contact: Contact) => void;
  readonly onClose: () => void;
}

function OpenContact(props: OpenContactProps) {
  const { contact, list, explain, countries, onReplace, onDelete, onClose } = props;
  const deletedAt = useRef<number | null>(null);
  const outcome = useRef<string | null>(null);
  const closed = useRef(false);
  // The live region stands behind the panel, where a screen reader may not hear it before the panel is closed.
  const announceOnceClosed = (sentence: string): void => {
    if (closed.current) announce(sentence);
    else outcome.current = sentence;
  };
  const noteRow = (): void => {
    deletedAt.current = list.view.peek().items.findIndex(({ id }) => id === contact.id);
  };
  const hideGone = (error: unknown): never => {
    if (explain(error).code === 'not_found' && deletedAt.current === null) {
      noteRow();
      list.hide(contact.id);
    }
    throw error;
  };
  return (
    <ContactDialog
      contact={contact}
      {...{ explain, countries, onReplace }}
      onReread={() => list.reread(contact.id).catch(hideGone)}
      onClose={() => {
        closed.current = true;
        onClose();
        if (deletedAt.current !== null) focusRow(deletedAt.current);
        if (outcome.current !== null) announce(outcome.current);
      }}
      onSave={(patch) => list.update(contact, patch).catch(hideGone)}
      onSaved={() => announceOnceClosed(contactsAnnouncements.contactSaved)}
      onDelete={() => {
        noteRow();
        onDelete(contact);
        announceOnceClosed(contactsAnnouncements.contactDeleted);
      }}
    />
  );
}

/** The button of a deleted row had the focus: the row that has taken its place gets it, else the last one, else the heading. */
function focusRow(index: number): void {
  const buttons = document.querySelector('tbody')?.querySelectorAll('button') ?? [];
  const next = buttons[Math.min(index, buttons.length - 1)] ?? document.querySelector('h1');
  next?.focus();
}
