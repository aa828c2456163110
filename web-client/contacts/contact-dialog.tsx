/** One contact: its fields to change, its other columns to read, and its deletion, which asks once more. */

import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';

interface ContactDialogProps {
  readonly contact: Contact;
  readonly explain: (error: unknown) => PageProblem;
  readonly onSave: (patch: ContactPatch) => Promise<void>;
  readonly onDelete: () => Promise<void>;
  readonly onClose: () => void;
}

const fields = [
  ['firstName', 'First name'],
  ['lastName', 'Last name'],
  ['phone', 'Phone'],
  ['company', 'Company'],
  ['country', 'Country'],
  ['timeZone', 'Time zone'],
] as const;

/** The fields of the form that differ from the contact. */
export function changedFields(contact: Contact, form: FormData): ContactPatch {
  const patch: ContactPatch = {};
  for (const [name] of fields) {
    const value = form.get(name);
    if (typeof value === 'string' && value.trim() !== contact[name]) patch[name] = value.trim();
  }
  return patch;
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
          {fields.map(([name, label]) => (
            <p key={name}>
              <label for={`field-${name}`}>{label}</label>
              <input id={`field-${name}`} name={name} defaultValue={contact[name]} autocomplete="off" />
            </p>
          ))}
        </div>
        <Attributes attributes={contact.attributes} />
        {asking ? (
          <div class="callout is-bad">
            <p>Delete this contact for good? What imports have kept of it is erased too.</p>
            <p class="actions">
              <button type="button" class="button is-danger" disabled={busy} onClick={() => run(onDelete)}>
                Yes, delete it
              </button>
              <button type="button" class="button" disabled={busy} onClick={() => setAsking(false)}>
                Keep it
              </button>
            </p>
          </div>
        ) : (
          <p class="actions">
            <button type="submit" class="button is-primary" disabled={busy}>
              Save
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
            <button type="button" class="button is-danger is-last" onClick={() => setAsking(true)}>
              Delete…
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
