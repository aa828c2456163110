import type { Contact, ContactOrder } from '@tidings/contracts/contacts/contact.ts';
import { type ContactField, contactFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ComponentChildren } from 'preact';
import { contactsWords } from '../words/contacts-words.ts';
import { formatMoment } from '../words/format/format.ts';
import { contactFieldLabels } from '../words/words.ts';
import { useRowWindow } from './row-window.ts';

/** The address heads the row, both names share a column, and the time zone follows from the country. */
const drawnElsewhere: ReadonlySet<ContactField> = new Set(['email', 'firstName', 'lastName', 'timeZone']);
const columns = contactFields.map(({ name }) => name).filter((name) => !drawnElsewhere.has(name));

interface ContactsTableProps {
  readonly contacts: readonly Contact[];
  readonly order: ContactOrder;
  /** Whether these are rows of an earlier search: they are dimmed, and cannot be opened. */
  readonly outdated: boolean;
  readonly busy: boolean;
  readonly onOpen: (contact: Contact) => void;
  readonly onOrder: (order: ContactOrder) => void;
}

export function ContactsTable({ contacts, order, outdated, busy, onOpen, onOrder }: ContactsTableProps) {
  const { body, first, last, before, behind } = useRowWindow(contacts.length);
  const sortable = { order, onOrder };
  return (
    <table
      class={outdated ? 'contacts is-outdated' : 'contacts'}
      aria-label={contactsWords.title}
      aria-busy={busy || outdated}
      aria-rowcount={contacts.length + 1}
      data-testid="contacts-table"
    >
      <thead>
        <tr>
          <OrderHeader {...{ ...sortable, by: 'email' }}>{contactFieldLabels.email}</OrderHeader>
          <OrderHeader {...{ ...sortable, by: 'name' }}>{contactsWords.name}</OrderHeader>
          {columns.map((field) => (
            <th key={field} scope="col">
              {contactFieldLabels[field]}
            </th>
          ))}
          <OrderHeader {...{ ...sortable, by: 'changed' }}>{contactsWords.changed}</OrderHeader>
          <th scope="col">
            <span class="unseen">{contactsWords.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body} inert={outdated}>
        <Space pixels={before} />
        {contacts.slice(first, last).map((contact, index) => (
          <ContactRow key={contact.id} contact={contact} row={first + index + 2} onOpen={onOpen} />
        ))}
        <Space pixels={behind} />
      </tbody>
    </table>
  );
}

interface OrderHeaderProps extends Pick<ContactsTableProps, 'order' | 'onOrder'> {
  readonly by: 'email' | 'name' | 'changed';
  readonly children: ComponentChildren;
}

/** A second press turns the order round. Of times, the newest come first. */
function OrderHeader({ by, order, onOrder, children }: OrderHeaderProps) {
  const isOrdered = order.endsWith(by);
  const descending = order.startsWith('-');
  const begins: ContactOrder = by === 'changed' ? '-changed' : by;
  const other: ContactOrder = descending ? by : `-${by}`;
  return (
    <th scope="col" aria-sort={isOrdered ? (descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" class="order" onClick={() => onOrder(isOrdered ? other : begins)}>
        {children}
        <span aria-hidden="true">{isOrdered ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

/** The place of rows that are not drawn. */
function Space({ pixels }: { pixels: number }) {
  if (pixels <= 0) return null;
  return (
    <tr class="is-space">
      <td class="space" colSpan={columns.length + 4} style={{ height: `${pixels}px` }} />
    </tr>
  );
}

interface ContactRowProps extends Pick<ContactsTableProps, 'onOpen'> {
  readonly contact: Contact;
  readonly row: number;
}

function ContactRow({ contact, row, onOpen }: ContactRowProps) {
  const name = `${contact.firstName} ${contact.lastName}`.trim();
  return (
    <tr data-testid="contact-row" data-contact={contact.id} aria-rowindex={row}>
      <th scope="row" title={contact.writtenEmail}>
        <span>{contact.writtenEmail}</span>
        <span class="row-name">{name}</span>
      </th>
      <td title={name}>{name}</td>
      {columns.map((field) => (
        <td key={field} title={contact[field]}>
          {contact[field]}
        </td>
      ))}
      <td>{contact.changedAt === null ? '' : formatMoment(Date.parse(contact.changedAt))}</td>
      <td class="is-action">
        <button
          type="button"
          class="button is-small"
          aria-label={contactsWords.editOf(contact.writtenEmail)}
          onClick={() => onOpen(contact)}
        >
          {contactsWords.edit}
        </button>
      </td>
    </tr>
  );
}
