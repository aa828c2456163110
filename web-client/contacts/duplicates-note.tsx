/**
 * Contacts that are stored twice, since an earlier release took two spellings of one address for two people. Nothing joins them: a person
 * opens both, and deletes the one that is not wanted.
 */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { NamedContact, TwiceStored } from '@tidings/contracts/contacts/listed-contacts.ts';
import { useEffect, useState } from 'preact/hooks';
import { ActionButton } from '../shell/components/action-button.tsx';
import { contactsWords } from '../words/contacts-words.ts';
import type { ContactsApi } from './contacts-list.ts';

interface DuplicatesNoteProps {
  readonly api: Pick<ContactsApi, 'duplicates' | 'read'>;
  /** Contacts that were deleted on this page. */
  readonly gone: ReadonlySet<string>;
  readonly onOpen: (contact: Contact) => void;
  readonly onFailed: (error: unknown) => void;
}

interface Found {
  readonly items: readonly TwiceStored[];
  readonly nextCursor: string | null;
  readonly total: number;
}

const nothingFound: Found = { items: [], nextCursor: null, total: 0 };

export function DuplicatesNote({ api, gone, onOpen, onFailed }: DuplicatesNoteProps) {
  const [found, setFound] = useState(nothingFound);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let isShown = true;
    api.duplicates(null).then(
      ({ total, ...page }) => isShown && setFound({ ...page, total: total ?? page.items.length }),
      // The list of contacts tells why the server does not answer.
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [api]);
  const left = found.items.filter(({ contact, other }) => !gone.has(contact.id) && !gone.has(other.id));
  const total = found.total - (found.items.length - left.length);
  if (total <= 0) return null;
  const more = (): void => {
    setBusy(true);
    api
      .duplicates(found.nextCursor)
      .then(({ items, nextCursor }) => setFound({ ...found, items: [...found.items, ...items], nextCursor }))
      .catch(onFailed)
      .finally(() => setBusy(false));
  };
  const open = ({ id }: NamedContact): void => void api.read(id).then(onOpen, onFailed);
  return (
    <details class="callout is-warn duplicates" data-testid="duplicates">
      <summary>{contactsWords.duplicates.title(total)}</summary>
      <p>{contactsWords.duplicates.meaning}</p>
      <ul>
        {left.map(({ contact, other }) => (
          <li key={other.id}>
            {[contact, other].map((one) => (
              <button
                key={one.id}
                type="button"
                class="button is-small"
                aria-label={contactsWords.editOf(one.writtenEmail)}
                onClick={() => open(one)}
              >
                {[one.writtenEmail, `${one.firstName} ${one.lastName}`.trim()].filter(Boolean).join(' · ')}
              </button>
            ))}
          </li>
        ))}
      </ul>
      {found.nextCursor !== null && (
        <ActionButton onClick={more} busy={busy} testId="more-duplicates">
          {busy ? contactsWords.loading : contactsWords.loadMore}
        </ActionButton>
      )}
    </details>
  );
}
