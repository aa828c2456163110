/** The fields of a contact that may change. What the server does not take is said at its field, which then has the focus. */
import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import {
  type ContactFieldFormat,
  type EditableField,
  editableFields,
} from '@tidings/contracts/contacts/contact-fields.ts';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { inputText } from '../shell/browser/input-text.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { contactDialogWords } from '../words/contacts-words.ts';
import { countriesByName } from '../words/format/countries.ts';
import { language } from '../words/format/language.ts';
import { contactFieldLabels } from '../words/words.ts';
import { StoredNow } from './contact-conflict.tsx';
import { CountryField } from './country-field.tsx';

interface ContactFormFieldsProps {
  readonly contact: Contact;
  /** Names by code; null while the server has not told them. */
  readonly countries: ReadonlyMap<string, string> | null;
  readonly problem: PageProblem | null;
  /** What was typed and stays, beside what somebody else has stored meanwhile. */
  readonly kept: ContactPatch;
  /** Whether the changes are on their way: what is typed after them would be lost. */
  readonly busy: boolean;
  /** Called when the field that the problem is about is changed. */
  readonly onMended: () => void;
  /** Called when what is stored is to take the place of what was typed. */
  readonly onTake: (name: EditableField) => void;
}

/** The field of this form that the problem is about; null where it is about none of them. */
export function fieldOf(problem: PageProblem | null): EditableField | null {
  return editableFields.find(({ name }) => name === problem?.field)?.name ?? null;
}

export function ContactFormFields(props: ContactFormFieldsProps) {
  const { contact, countries, problem, kept, busy, onMended, onTake } = props;
  const group = useRef<HTMLDivElement>(null);
  const wrong = fieldOf(problem);
  useLayoutEffect(() => {
    if (problem !== null) group.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  return (
    <div class="fields" ref={group}>
      {editableFields.map(({ name, format }) => (
        <FormField
          key={name}
          {...{ name, format, countries, busy }}
          stored={contact[name]}
          typed={kept[name]}
          error={wrong === name && problem !== null ? errorText(problem, format) : null}
          onMended={onMended}
          onTake={() => onTake(name)}
        />
      ))}
    </div>
  );
}

interface FormFieldProps extends Pick<ContactFormFieldsProps, 'countries' | 'busy' | 'onMended'> {
  readonly name: EditableField;
  readonly format: ContactFieldFormat;
  readonly stored: string;
  /** What the field holds instead of what is stored; undefined where it holds that. */
  readonly typed: string | undefined;
  readonly error: string | null;
  readonly onTake: () => void;
}

function FormField(props: FormFieldProps) {
  const { name, format, countries, busy, stored, typed, error, onMended, onTake } = props;
  const id = `field-${name}`;
  const [errorId, storedId] = [`${id}-error`, `${id}-stored`];
  const described = [...(error === null ? [] : [errorId]), ...(typed === undefined ? [] : [storedId])];
  const common = {
    ...{ id, name },
    'aria-invalid': error === null ? undefined : true,
    'aria-describedby': described.join(' ') || undefined,
    onInput: error === null ? undefined : onMended,
  } as const;
  return (
    <p>
      <label for={id}>{contactFieldLabels[name]}</label>
      {format === 'country' ? (
        <CountryField {...common} value={typed ?? stored} known={countries} inert={busy} />
      ) : (
        <input {...common} defaultValue={typed ?? inputText(stored)} readOnly={busy} autocomplete="off" />
      )}
      {error !== null && (
        // An alert, because the field may have the focus already, and its description is not read out again then.
        <span id={errorId} class="field-error" role="alert" data-testid="field-error">
          {error}
        </span>
      )}
      {typed !== undefined && (
        <StoredNow
          id={storedId}
          label={contactFieldLabels[name]}
          value={format === 'country' ? countryName(stored, countries) : stored}
          onTake={onTake}
        />
      )}
    </p>
  );
}

function countryName(code: string, known: ContactFormFieldsProps['countries']): string {
  return new Map(countriesByName(language.value, known)).get(code) ?? code;
}

/** What a field takes, in the page's own words where it has them. */
function errorText({ detail }: PageProblem, format: ContactFieldFormat): string {
  const help: Partial<Record<ContactFieldFormat, string>> = contactDialogWords.fieldHelp;
  return help[format] ?? detail;
}
