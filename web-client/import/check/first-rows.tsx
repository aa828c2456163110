/** The first rows as contacts, folded away: a value stands under the field that it goes to. */

import { slotOf } from '@tidings/contracts/contacts/column-targets.ts';
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import { contactFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ImportPreview, PreviewColumn, PreviewRow } from '@tidings/contracts/files/preview.ts';
import { EdgeScroller } from '../../shell/components/edge-scroller.tsx';
import { formatCount } from '../../words/format/format.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { contactFieldLabels, firstRowsWords, rowFaultWords } from '../../words/words.ts';
import { nameOf } from './column-list.tsx';

interface ShownColumn {
  readonly heading: string;
  /** The column of the file, where the cell of a row that comes back stands; null where several or none have it. */
  readonly source: PreviewColumn | null;
  readonly valueIn: (row: PreviewRow) => string;
}

export function FirstRows({ preview }: { preview: ImportPreview }) {
  const { rows } = preview;
  if (rows.length === 0) return null;
  return (
    <details class="first-rows" data-testid="first-rows">
      <summary>{firstRowsWords.title(rows.length)}</summary>
      <Table rows={rows} columns={shownColumns(preview)} />
    </details>
  );
}

function Table({ rows, columns }: { rows: readonly PreviewRow[]; columns: readonly ShownColumn[] }) {
  return (
    <EdgeScroller label={firstRowsWords.caption} columns={columns.length}>
      <table>
        <thead>
          <tr>
            <th scope="col">{firstRowsWords.line}</th>
            {columns.map(({ heading }, index) => (
              <th key={`${index}:${heading}`} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.row} row={row} columns={columns} />
          ))}
        </tbody>
      </table>
    </EdgeScroller>
  );
}

function Row({ row, columns }: { row: PreviewRow; columns: readonly ShownColumn[] }) {
  const comesBack = row.fields === null;
  const placeless = row.faults.filter(
    ({ column }) => !columns.some(({ source }) => source?.index === column),
  );
  return (
    <tr class={comesBack ? 'comes-back' : undefined}>
      <th scope="row">
        {formatCount(row.line)}
        {comesBack && <span class="badge is-warn">{firstRowsWords.comesBack}</span>}
        {placeless.map(({ code }) => (
          <Fault key={code} code={code} />
        ))}
      </th>
      {columns.map(({ heading, source, valueIn }, index) => {
        const faults = row.faults.filter(({ column }) => source !== null && column === source.index);
        return (
          <td key={`${index}:${heading}`} class={faults.length > 0 ? 'is-wrong' : undefined}>
            {valueIn(row)}
            {faults.map(({ code }) => (
              <Fault key={code} code={code} />
            ))}
          </td>
        );
      })}
    </tr>
  );
}

function Fault({ code }: { code: string }) {
  return <span class="fault">{wordsOfCode(rowFaultWords, code)}</span>;
}

/** The fields that columns fill, in the order of the contact's, and then the extras, in that of the file. */
function shownColumns({ columns }: ImportPreview): ShownColumn[] {
  const fullName = columns.find(({ target }) => slotOf(target) === 'fullName') ?? null;
  const fields = contactFields.flatMap(({ name }): ShownColumn[] => {
    const own = columns.find(({ target }) => slotOf(target) === name) ?? null;
    const isOfName = fullName !== null && (name === 'firstName' || name === 'lastName');
    if (own === null && !isOfName) return [];
    const source = own ?? (name === 'firstName' ? fullName : null);
    return [
      {
        heading: contactFieldLabels[name],
        source,
        valueIn: (row) => row.fields?.[name] ?? cellOf(row, row.fields === null ? source : null),
      },
    ];
  });
  const extras = columns
    .filter(({ target }) => target.startsWith(ATTRIBUTE_PREFIX))
    .map((source): ShownColumn => {
      const name = source.target.slice(ATTRIBUTE_PREFIX.length);
      return {
        heading: nameOf(source),
        source,
        valueIn: (row) => row.attributes[name] ?? cellOf(row, source),
      };
    });
  return [...fields, ...extras];
}

function cellOf(row: PreviewRow, column: PreviewColumn | null): string {
  return column === null ? '' : (row.cells[column.index] ?? '');
}
