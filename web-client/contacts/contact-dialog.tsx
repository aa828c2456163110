/** One contact: its fields to change, its other columns to read, and its deletion, which has to be confirmed. */
import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import { editableFields } from '@tidings/contracts/contact-fields.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Confirm } from '../shell/confirm.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { contactDialogWords, contactFieldLabels } from '../words/contacts.ts';
import { changedFields } from './changed-fields.ts';

interface ContactDialogProps {
  readonly contact: Contact;
  readonly explain: (error: unknown) => PageProblem;
  readonly onSave: (patch: ContactPatch) => Promise<void>;
  readonly onDelete: () => Promise<void>;
  readonly onClose: () => void;
}

export function ContactDialog({ contact, explain, onSave, onDelete, onClose }: ContactDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => dialog.current?.close();
  const save = (patch: ContactPatch): void => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    (Object.keys(patch).length === 0 ? Promise.resolve() : onSave(patch)).then(close, (error: unknown) => {
      setBusy(false);
      setProblem(explain(error));
    });
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title" data-testid="contact-dialog">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save(changedFields(contact, new FormData(event.currentTarget)));
        }}
      >
        <h2 id="dialog-title" class="file-name">
          {contact.email}
        </h2>
        {problem !== null && <ProblemNote problem={problem} />}
        <div class="fields">
          {editableFields.map(({ name }) => (
            <p key={name}>
              <label for={`field-${name}`}>{contactFieldLabels[name]}</label>
              <input id={`field-${name}`} name={name} defaultValue={contact[name]} autocomplete="off" />
            </p>
          ))}
        </div>
        <Attributes attributes={contact.attributes} />
        <div class="actions">
          <button type="submit" class="button is-primary" aria-disabled={busy}>
            {contactDialogWords.save}
          </button>
          <button type="button" class="button" onClick={close}>
            {contactDialogWords.close}
          </button>
          <Confirm
            label={contactDialogWords.delete}
            question={contactDialogWords.deleteQuestion}
            yes={contactDialogWords.deleteYes}
            no={contactDialogWords.deleteNo}
            act={() => onDelete().then(close)}
            danger
            testId="delete"
          >
            {contactDialogWords.deleteMeaning}
          </Confirm>
        </div>
      </form>
    </dialog>
  );
}

function Attributes({ attributes }: { attributes: Contact['attributes'] }) {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return null;
  return (
    <dl class="attributes">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
