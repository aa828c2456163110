/**
 * A deletion that can be taken back for ten seconds. It erases what cannot be brought back, so it is sent only then, or when the page ends;
 * until then the row is merely not shown, and the note says so. The seconds begin anew when the pointer or the focus leaves the note. The
 * note stands behind the table, too far to reach by the Tab key in that time: Ctrl+Z takes the deletion back from anywhere.
 */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from '../shell/components/action-button.tsx';
import { announce } from '../shell/frame/announcer.ts';
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
  /** Nothing is sent until `goOn` is called. */
  hold(): void;
  goOn(): void;
}

interface Waiting {
  readonly contact: Contact;
  readonly show: () => void;
  timer: ReturnType<typeof setTimeout>;
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
      const taken = take();
      if (taken === null) return;
      taken.show();
      setContact(null);
      announce(contactsAnnouncements.deletionUndone);
      requestAnimationFrame(() => focusRow(taken.contact.id));
    },
    hold() {
      clearTimeout(waiting.current?.timer);
    },
    goOn() {
      if (waiting.current === null) return;
      clearTimeout(waiting.current.timer);
      waiting.current.timer = setTimeout(send, UNDO_MS);
    },
  };
}

/** Says for ten seconds what is about to be deleted. */
export function DeletionNote({ contact, undo, hold, goOn }: Omit<Deletion, 'begin'>) {
  const isWaiting = contact !== null;
  useEffect(() => {
    if (!isWaiting) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      // There it takes back what was typed.
      const isTyped = event.target instanceof HTMLInputElement;
      if (!isUndo || isTyped || event.altKey) return;
      event.preventDefault();
      undo();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  });
  if (contact === null) return null;
  return (
    <p
      class="toast"
      onMouseEnter={hold}
      onMouseLeave={goOn}
      onFocusCapture={hold}
      onBlurCapture={goOn}
      data-testid="deletion-note"
    >
      <span>{contactsWords.deleted(contact.writtenEmail)}</span>
      <ActionButton onClick={undo} testId="undo-deletion">
        {contactsWords.undo}
      </ActionButton>
    </p>
  );
}

/** The contact is back where it was. Where its row is not drawn, the focus stays with the heading. */
function focusRow(contactId: string): void {
  document.querySelector<HTMLElement>(`[data-contact="${CSS.escape(contactId)}"] button`)?.focus();
}
