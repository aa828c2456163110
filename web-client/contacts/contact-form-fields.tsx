/** The fields of a contact that may change. What the server does not take is said at its field, which then has the focus. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import {
  type ContactFieldFormat,
  type EditableField,
  editableFields,
} from '@tidings/contracts/contacts/contact-fields.ts';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { contactDialogWords } from '../words/contacts-words.ts';
import { contactFieldLabels } from '../words/words.ts';
import { CountryField } from './country-field.tsx';

interface ContactFormFieldsProps {
  readonly contact: Contact;
  /** Names by code; null while the server has not told them. */
  readonly countries: ReadonlyMap<string, string> | null;
  readonly problem: PageProblem | null;
  /** Called when the field that the problem is about is changed. */
  readonly onMended: () => void;
}

/** The field of this form that the problem is about; null where it is about none of them. */
export function fieldOf(problem: PageProblem | null): EditableField | null {
  return editableFields.find(({ name }) => name === problem?.field)?.name ?? null;
}

export function ContactFormFields({ contact, countries, problem, onMended }: ContactFormFieldsProps) {
  const group = useRef<HTMLDivElement>(null);
  const wrong = fieldOf(problem);
  useLayoutEffect(() => {
    if (problem !== null) group.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  return (
    <div class="fields" ref={group}>
      {editableFields.map(({ name, format }) => {
        const error = wrong === name && problem !== null ? errorText(problem, format) : null;
        return (
          <p key={name}>
            <label for={`field-${name}`}>{contactFieldLabels[name]}</label>
            {format === 'country' ? (
              <CountryField
                {...{ id: `field-${name}`, name, value: contact[name], known: countries }}
                errorId={error === null ? undefined : `field-${name}-error`}
                onInput={error === null ? undefined : onMended}
              />
            ) : (
              <input
                id={`field-${name}`}
                name={name}
                defaultValue={contact[name]}
                autocomplete="off"
                aria-invalid={error === null ? undefined : true}
                aria-describedby={error === null ? undefined : `field-${name}-error`}
                onInput={error === null ? undefined : onMended}
              />
            )}
            {error !== null && (
              // An alert, because the field may have the focus already, and its description is not read out again then.
              <span id={`field-${name}-error`} class="field-error" role="alert" data-testid="field-error">
                {error}
              </span>
            )}
          </p>
        );
      })}
    </div>
  );
}

/** What a field takes, in the page's own words where it has them. */
function errorText({ detail }: PageProblem, format: ContactFieldFormat): string {
  const help: Partial<Record<ContactFieldFormat, string>> = contactDialogWords.fieldHelp;
  return help[format] ?? detail;
}
