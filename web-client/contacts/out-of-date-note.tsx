import { useEffect } from 'preact/hooks';
import { ActionButton } from '../shell/components/action-button.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { contactsWords } from '../words/contacts-words.ts';

interface OutOfDateNoteProps {
  readonly busy: boolean;
  readonly onRead: () => Promise<void>;
}

/** Says that the list is not as it is now. It lies over the page, so that no row moves, and rows are read anew when somebody wants it. */
export function OutOfDateNote({ busy, onRead }: OutOfDateNoteProps) {
  useEffect(() => announce(contactsWords.outOfDate), []);
  const read = async (): Promise<void> => {
    await onRead();
    // The button goes away; the heading says how many there are now.
    document.querySelector('h1')?.focus({ preventScroll: true });
  };
  return (
    <p class="toast is-lasting" data-testid="out-of-date">
      <span>{contactsWords.outOfDate}</span>
      <ActionButton onClick={() => void read()} busy={busy} testId="read-anew">
        {contactsWords.readAnew}
      </ActionButton>
    </p>
  );
}
