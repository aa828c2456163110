/** One contact: its fields to change, its other columns to read, and its deletion, which has to be confirmed. */
import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import { editableFields } from '@tidings/contracts/contact-fields.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
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
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setProblem(null);
    work().then(
      () => dialog.current?.close(),
      (error: unknown) => {
        setBusy(false);
        setProblem(explain(error));
      },
    );
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="dialog-title" data-testid="contact-dialog">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const patch = changedFields(contact, new FormData(event.currentTarget));
          run(() => (Object.keys(patch).length === 0 ? Promise.resolve() : onSave(patch)));
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
        {asking ? (
          <div class="callout is-bad">
            <p>{contactDialogWords.deleteQuestion}</p>
            <p class="actions">
              <button type="button" class="button is-danger" disabled={busy} onClick={() => run(onDelete)}>
                {contactDialogWords.deleteYes}
              </button>
              <button type="button" class="button" disabled={busy} onClick={() => setAsking(false)}>
                {contactDialogWords.deleteNo}
              </button>
            </p>
          </div>
        ) : (
          <p class="actions">
            <button type="submit" class="button is-primary" disabled={busy}>
              {contactDialogWords.save}
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              {contactDialogWords.close}
            </button>
            <button type="button" class="button is-danger is-last" onClick={() => setAsking(true)}>
              {contactDialogWords.delete}
            </button>
          </p>
        )}
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
