/** Where somebody else has changed a contact meanwhile: who it was, and what stands there now beside what was typed here. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { importAddress } from '../router.ts';
import { Marked } from '../shell/components/marked.tsx';
import { contactDialogWords } from '../words/contacts-words.ts';

interface ChangedMeanwhileProps {
  readonly changed: Contact;
  readonly onReplace: (contact: Contact) => void;
}

/** Who has changed it, and the way to what it is now. */
export function ChangedMeanwhile({ changed, onReplace }: ChangedMeanwhileProps) {
  const { changedAt, changedByImport } = changed;
  const at = changedAt === null ? null : Date.parse(changedAt);
  const { byImport, byPerson, theImport, showNow } = contactDialogWords.changedMeanwhile;
  return (
    <>
      <p data-testid="changed-by">
        {changedByImport === null ? (
          byPerson(at)
        ) : (
          <Marked
            text={byImport(at)}
            slots={{
              import: (
                // Beside the changes, which are not saved.
                <a href={importAddress(changedByImport)} target="_blank" rel="noopener">
                  {theImport}
                </a>
              ),
            }}
          />
        )}
      </p>
      <button
        type="button"
        class="button is-small"
        onClick={() => onReplace(changed)}
        data-testid="show-changed"
      >
        {showNow}
      </button>
    </>
  );
}

/** Says that what was typed still stands in its fields, and offers what is stored for all of them. */
export function KeptNote({ onTakeAll }: { onTakeAll: () => void }) {
  const { kept, takeAll } = contactDialogWords.changedMeanwhile;
  return (
    <div class="callout is-warn" data-testid="kept-changes">
      <p role="status">{kept}</p>
      <div class="actions">
        <button type="button" class="button is-small" onClick={onTakeAll} data-testid="take-all">
          {takeAll}
        </button>
      </div>
    </div>
  );
}

interface StoredNowProps {
  /** Of the text, which describes the field. */
  readonly id: string;
  /** Of the field. */
  readonly label: string;
  /** What is stored, as a reader knows it; '' for nothing. */
  readonly value: string;
  readonly onTake: () => void;
}

/** What is stored now in a field that holds what was typed. */
export function StoredNow({ id, label, value, onTake }: StoredNowProps) {
  const { stored, storedNothing, take, takeFor } = contactDialogWords.changedMeanwhile;
  return (
    <span class="stored-now" data-testid="stored-now">
      <span id={id}>{value === '' ? storedNothing : stored(value)}</span>
      <button type="button" class="button is-small" aria-label={takeFor(label)} onClick={onTake}>
        {take}
      </button>
    </span>
  );
}
