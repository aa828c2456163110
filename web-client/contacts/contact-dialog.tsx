/** One contact: its fields to change, its other columns to read, and its deletion, which has to be confirmed. */
import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import { type EditableField, editableFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { inputText } from '../shell/browser/input-text.ts';
import { Question } from '../shell/components/confirm.tsx';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { contactDialogWords } from '../words/contacts-words.ts';
import { changedFields, differingFields } from './changed-fields.ts';
import { ChangedMeanwhile, KeptNote } from './contact-conflict.tsx';
import { ContactFormFields, fieldOf } from './contact-form-fields.tsx';

const isEmpty = (patch: ContactPatch): boolean => Object.keys(patch).length === 0;
const fieldNames = editableFields.map(({ name }) => name);

interface ContactDialogProps {
  readonly contact: Contact;
  /** Names by code; null while the server has not told them. */
  readonly countries?: ReadonlyMap<string, string> | null;
  readonly explain: (error: unknown) => PageProblem;
  readonly onSave: (patch: ContactPatch) => Promise<void>;
  /** What was typed is stored: by this panel, or by somebody who has stored the same. */
  readonly onSaved: () => void;
  /** Reads the contact anew, where somebody has changed it meanwhile. */
  readonly onReread: () => Promise<Contact>;
  /** Shows it as it was read, beside what was typed. */
  readonly onReplace: (contact: Contact) => void;
  /** Begins the deletion, which can be taken back for a while. */
  readonly onDelete: () => void;
  readonly onClose: () => void;
}

export function ContactDialog(props: ContactDialogProps) {
  const { contact, countries = null, onReplace, onDelete, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => dialog.current?.close();
  const changes = (): ContactPatch =>
    form.current === null ? {} : changedFields(contact, new FormData(form.current));
  const { busy, problem, changed, save, forgetProblem } = useSaving({
    ...{ ...props, close },
    onSaved: () => {
      props.onSaved();
      close();
    },
  });
  const said = fieldOf(problem) === null ? problem : null;
  useLayoutEffect(() => {
    // On a small screen it stood above what was seen of the panel.
    if (said !== null) dialog.current?.scrollTo({ top: 0 });
  }, [said]);
  const closing = useClosing(() => !isEmpty(changes()), close);
  const { kept, keptFields, keep, take } = useKeptChanges(contact, form);
  const replace = (now: Contact): void => {
    keep(differingFields(changes(), now));
    forgetProblem();
    closing.goOn();
    onReplace(now);
  };
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      {...closing.handlers}
      aria-labelledby="dialog-title"
      data-testid="contact-dialog"
    >
      {/* Another version has fields of its own. The panel stays: it alone knows which button had the focus before. */}
      <form
        key={contact.version}
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          save(changes());
        }}
      >
        <h2 id="dialog-title" class="file-name">
          {contact.writtenEmail}
        </h2>
        {said !== null ? (
          <ProblemNote problem={said}>
            {changed === null ? undefined : <ChangedMeanwhile changed={changed} onReplace={replace} />}
          </ProblemNote>
        ) : (
          keptFields.length > 0 && <KeptNote onTakeAll={() => take(keptFields)} />
        )}
        <ContactFormFields
          {...{ contact, countries, problem, kept, busy }}
          onMended={forgetProblem}
          onTake={(name) => take([name])}
        />
        <Attributes attributes={contact.attributes} />
        {closing.asking ? (
          <CloseQuestion busy={busy} onYes={close} onNo={closing.goOn} />
        ) : (
          <DialogActions
            {...{ busy, closing }}
            onDelete={() => {
              onDelete();
              close();
            }}
          />
        )}
      </form>
    </dialog>
  );
}

interface DialogActionsProps extends Pick<ContactDialogProps, 'onDelete'> {
  readonly busy: boolean;
  readonly closing: ReturnType<typeof useClosing>;
}

/** The buttons give way to the question whether changes are lost, which has the focus then. */
function DialogActions({ busy, closing, onDelete }: DialogActionsProps) {
  return (
    <div class="actions">
      <button type="submit" class="button is-primary" aria-disabled={busy}>
        {busy ? contactDialogWords.saving : contactDialogWords.save}
      </button>
      <button type="button" class="button" ref={closing.opener} onClick={closing.ask}>
        {contactDialogWords.close}
      </button>
      <button type="button" class="button is-danger" onClick={onDelete} data-testid="delete">
        {contactDialogWords.delete}
      </button>
    </div>
  );
}

/** What the page says in words of its own, by the code of the refusal. */
const ownWords: Readonly<Record<string, (() => Pick<PageProblem, 'title' | 'detail'>) | undefined>> = {
  not_found: () => contactDialogWords.gone,
  precondition_failed: () => {
    const { title, detail } = contactDialogWords.changedMeanwhile;
    return { title, detail };
  },
};

type SavingProps = Pick<ContactDialogProps, 'onSave' | 'onSaved' | 'onReread' | 'explain'>;

function useSaving({ onSave, onSaved, onReread, explain, close }: SavingProps & { close: () => void }) {
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState<Contact | null>(null);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const save = (patch: ContactPatch): void => {
    if (busy) return;
    if (isEmpty(patch)) {
      close();
      return;
    }
    setBusy(true);
    setProblem(null);
    setChanged(null);
    const fail = (found: PageProblem): void => {
      const own = ownWords[found.code]?.();
      setProblem(own === undefined ? found : { ...found, ...own, detailLanguage: undefined });
      setBusy(false);
    };
    const compare = async (refusal: PageProblem): Promise<void> => {
      try {
        const now = await onReread();
        // Somebody else has stored the same, or an answer to this page was lost.
        if (isEmpty(differingFields(patch, now))) return onSaved();
        setChanged(now);
        fail(refusal);
      } catch (error) {
        const found = explain(error);
        // Where it cannot be read, the refusal says enough.
        fail(found.code === 'not_found' ? found : refusal);
      }
    };
    onSave(patch).then(onSaved, (error: unknown) => {
      const found = explain(error);
      if (found.code === 'precondition_failed') void compare(found);
      else fail(found);
    });
  };
  return { busy, problem, changed, save, forgetProblem: () => setProblem(null) };
}

/**
 * What was typed before another version of the contact is shown. It stays in its fields until the person takes what is stored there.
 *
 * @param form whose fields are drawn anew for another version
 */
function useKeptChanges(contact: Contact, form: RefObject<HTMLFormElement | null>) {
  const [kept, keep] = useState<ContactPatch>({});
  const field = (name: string) => form.current?.querySelector<HTMLInputElement>(`[name="${name}"]`);
  const shown = useRef(contact.version);
  useLayoutEffect(() => {
    // Its description says what is stored there now.
    if (shown.current !== contact.version)
      field(fieldNames.find((name) => name in kept) ?? 'firstName')?.focus();
    shown.current = contact.version;
  }, [contact.version]);
  const take = (names: readonly EditableField[]): void => {
    for (const name of names) {
      const input = field(name);
      if (input) input.value = inputText(contact[name]);
    }
    keep(Object.fromEntries(Object.entries(kept).filter(([name]) => !names.some((taken) => taken === name))));
    field(names[0] ?? '')?.focus();
  };
  return { kept, keptFields: fieldNames.filter((name) => name in kept), keep, take };
}

/** Asks before changes are lost: by Escape, by the device's way back, by the button, or with the page. */
function useClosing(isChanged: () => boolean, close: () => void) {
  const [asking, setAsking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const left = useRef<Element | null>(null);
  useEffect(() => {
    const keep = (event: Event): void => {
      if (isChanged()) event.preventDefault();
    };
    addEventListener('beforeunload', keep);
    return () => removeEventListener('beforeunload', keep);
  });
  const ask = (): void => {
    if (isChanged()) {
      if (!asking) left.current = document.activeElement;
      setAsking(true);
    } else close();
  };
  useLayoutEffect(() => {
    if (asking || left.current === null) return;
    const returnTo =
      left.current instanceof HTMLInputElement || left.current instanceof HTMLSelectElement
        ? left.current
        : opener.current;
    returnTo?.focus();
    left.current = null;
  }, [asking]);
  const onKeyDown = (event: KeyboardEvent): void => {
    // The question about a deletion goes away by Escape, too, and has prevented the default.
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    ask();
  };
  const onCancel = (event: Event): void => {
    event.preventDefault();
    ask();
  };
  return { asking, ask, goOn: () => setAsking(false), opener, handlers: { onKeyDown, onCancel } };
}

interface CloseQuestionProps {
  /** Whether the changes are on their way to the server. */
  readonly busy: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

function CloseQuestion({ busy, onYes, onNo }: CloseQuestionProps) {
  const { question, meaning, yes, no } = busy ? contactDialogWords.unanswered : contactDialogWords.discard;
  return (
    <Question question={question} yes={yes} no={no} act={async () => onYes()} onNo={onNo} testId="discard">
      {meaning}
    </Question>
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
