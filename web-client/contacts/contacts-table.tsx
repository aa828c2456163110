import type { Contact } from '@tidings/contracts/contact.ts';
import { type ContactField, contactFields } from '@tidings/contracts/contact-fields.ts';
import { contactFieldLabels, contactsWords } from '../words/words.ts';

/** The address heads the row, both names share a column, and the time zone follows from the country. */
const drawnElsewhere: ReadonlySet<ContactField> = new Set(['email', 'firstName', 'lastName', 'timeZone']);
const columns = contactFields.map(({ name }) => name).filter((name) => !drawnElsewhere.has(name));

interface ContactsTableProps {
  readonly contacts: readonly Contact[];
  /** Whether these are rows of an earlier search: they are dimmed, and cannot be opened. */
  readonly outdated: boolean;
  readonly busy: boolean;
  readonly onOpen: (contact: Contact) => void;
}

export function ContactsTable({ contacts, outdated, busy, onOpen }: ContactsTableProps) {
  return (
    <table
      class={outdated ? 'contacts is-outdated' : 'contacts'}
      aria-busy={busy || outdated}
      inert={outdated}
      data-testid="contacts-table"
    >
      <thead>
        <tr>
          <th scope="col">{contactFieldLabels.email}</th>
          <th scope="col">{contactsWords.name}</th>
          {columns.map((field) => (
            <th key={field} scope="col">
              {contactFieldLabels[field]}
            </th>
          ))}
          <th scope="col">
            <span class="unseen">{contactsWords.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {contacts.map((contact) => (
          <ContactRow key={contact.id} contact={contact} onOpen={onOpen} />
        ))}
      </tbody>
    </table>
  );
}

function ContactRow({ contact, onOpen }: { contact: Contact; onOpen: (contact: Contact) => void }) {
  const name = `${contact.firstName} ${contact.lastName}`.trim();
  return (
    <tr data-testid="contact-row">
      <th scope="row">
        <span class="file-name">{contact.email}</span>
        <span class="row-name">{name}</span>
      </th>
      <td>{name}</td>
      {columns.map((field) => (
        <td key={field}>{contact[field]}</td>
      ))}
      <td class="is-action">
        <button
          type="button"
          class="button is-small"
          aria-label={contactsWords.editOf(contact.email)}
          onClick={() => onOpen(contact)}
        >
          {contactsWords.edit}
        </button>
      </td>
    </tr>
  );
}
