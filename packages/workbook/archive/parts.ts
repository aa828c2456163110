/** Which parts a workbook has: its sheets, styles and shared texts, by the relationships between them. */
import { posix } from 'node:path';
import { notTaken, unreadable } from '../unreadable.ts';
import type { Archive } from './archive.ts';
import { decodeXml, readXml } from './xml.ts';

export interface Sheet {
  /** As people see it. */
  readonly name: string;
  readonly isHidden: boolean;
  /** The part that holds its rows. */
  readonly part: string;
}

export interface WorkbookParts {
  readonly sheets: readonly Sheet[];
  /** Whether days count from 1904, as old Excel for Mac has them. */
  readonly has1904Dates: boolean;
  /** null: there is none. */
  readonly styles: string | null;
  readonly sharedStrings: string | null;
}

/** Sheets of a workbook, at most. */
const MAX_SHEETS = 1_000;

interface Relationship {
  readonly id: string;
  /** The last word of its type. */
  readonly type: string;
  readonly target: string;
}

/** @throws CsvError workbook_unreadable; null where the archive holds no workbook */
export async function readParts(archive: Archive): Promise<WorkbookParts | null> {
  const main = (await relationshipsOf(archive, '')).find(({ type }) => type === 'officeDocument')?.target;
  const workbook = main ?? 'xl/workbook.xml';
  if (!archive.has(workbook)) return null;
  if (workbook.toLowerCase().endsWith('.bin'))
    throw notTaken(
      'The file is a binary workbook (.xlsb). In Excel: File → Save as → .xlsx, or “CSV UTF-8”. Drop that file.',
    );
  const relationships = await relationshipsOf(archive, workbook);
  const { sheets, has1904Dates, isWorkbook } = await readSheets(archive, workbook, relationships);
  if (!isWorkbook) return null;
  const partOf = (wanted: string) => {
    const target = relationships.find(({ type }) => type === wanted)?.target;
    return target !== undefined && archive.has(target) ? target : null;
  };
  return { sheets, has1904Dates, styles: partOf('styles'), sharedStrings: partOf('sharedStrings') };
}

async function readSheets(archive: Archive, workbook: string, relationships: readonly Relationship[]) {
  const sheets: Sheet[] = [];
  let has1904Dates = false;
  let isWorkbook = false;
  readXml(await archive.text(workbook), {
    open(name, attributes) {
      if (name === 'workbook') isWorkbook = true;
      if (name === 'workbookPr') has1904Dates = isTrue(attributes().date1904);
      if (name !== 'sheet') return;
      const { name: written = '', state, ...others } = attributes();
      const id = Object.entries(others).find(([key]) => key.endsWith(':id'))?.[1];
      const related = relationships.find((one) => one.id === id);
      // Sheets that are charts or dialogues have no rows.
      if (related?.type !== 'worksheet') return;
      if (sheets.length >= MAX_SHEETS) throw unreadable(`it has more than ${MAX_SHEETS} sheets`);
      const isHidden = state !== undefined && state !== 'visible';
      sheets.push({ name: decodeXml(written), isHidden, part: related.target });
    },
  });
  return { sheets, has1904Dates, isWorkbook };
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

/** @param part '' for the archive as a whole */
async function relationshipsOf(archive: Archive, part: string): Promise<Relationship[]> {
  const folder = posix.dirname(part);
  const name = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!archive.has(name)) return [];
  const found: Relationship[] = [];
  readXml(await archive.text(name), {
    open(element, attributes) {
      if (element !== 'Relationship') return;
      const { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode } = attributes();
      if (mode === 'External') return;
      const decoded = decodeXml(target);
      const path = decoded.startsWith('/') ? decoded : posix.join(folder, decoded);
      found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), target: path.replace(/^\/+/, '') });
    },
  });
  return found;
}
