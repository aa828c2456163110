/**
 * A deletion that can be taken back for ten seconds. It erases what cannot be brought back, so it is sent only then, or when the page ends;
 * until then the row is merely not shown, and the note says so.
 */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from '../shell/action-button.tsx';
import { announce } from '../shell/announcer.ts';
import { contactsAnnouncements, contactsWords } from '../words/contacts-words.ts';

/** Milliseconds in which a person can take a deletion back. */
const UNDO_MS = 10_000;

export interface DeletionParts {
  /** Takes the contact out of the list; what it returns shows it again. */
  hide(id: string): () => void;
  /** Its request arrives also where the page ends meanwhile. */
  remove(id: string): Promise<void>;
  onFailed(error: unknown): void;
}

export interface Deletion {
  /** The contact that is about to be deleted; null where there is none. */
  readonly contact: Contact | null;
  begin(contact: Contact): void;
  undo(): void;
}

interface Waiting {
  readonly contact: Contact;
  readonly show: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export function useDeletion(parts: DeletionParts): Deletion {
  const [contact, setContact] = useState<Contact | null>(null);
  const waiting = useRef<Waiting | null>(null);
  const newest = useRef(parts);
  newest.current = parts;
  const take = (): Waiting | null => {
    const taken = waiting.current;
    waiting.current = null;
    if (taken !== null) clearTimeout(taken.timer);
    return taken;
  };
  const send = (): void => {
    const taken = take();
    setContact(null);
    if (taken === null) return;
    newest.current.remove(taken.contact.id).catch((error: unknown) => {
      taken.show();
      newest.current.onFailed(error);
    });
  };
  useEffect(() => {
    const sendAtEnd = (): void => {
      const taken = take();
      if (taken !== null) newest.current.remove(taken.contact.id).catch(() => undefined);
    };
    addEventListener('pagehide', sendAtEnd);
    return () => {
      removeEventListener('pagehide', sendAtEnd);
      // Another page of this document is shown: nobody can take it back there.
      sendAtEnd();
    };
  }, []);
  return {
    contact,
    begin(next) {
      send();
      waiting.current = {
        contact: next,
        show: newest.current.hide(next.id),
        timer: setTimeout(send, UNDO_MS),
      };
      setContact(next);
    },
    undo() {
      take()?.show();
      setContact(null);
      announce(contactsAnnouncements.deletionUndone);
    },
  };
}

/** Says for ten seconds what is about to be deleted. */
export function DeletionNote({ contact, undo }: Pick<Deletion, 'contact' | 'undo'>) {
  if (contact === null) return null;
  return (
    <p class="toast" data-testid="deletion-note">
      <span>{contactsWords.deleted(contact.writtenEmail)}</span>
      <ActionButton
        onClick={() => {
          undo();
          requestAnimationFrame(() => focusRow(contact.id));
        }}
        testId="undo-deletion"
      >
        {contactsWords.undo}
      </ActionButton>
    </p>
  );
}

/** The contact is back where it was. Where its row is not drawn, the focus stays with the heading. */
function focusRow(contactId: string): void {
  document.querySelector<HTMLElement>(`[data-contact="${CSS.escape(contactId)}"] button`)?.focus();
}
