/** Makes workbooks for tests, whole and damaged. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { onTestFinished } from 'vitest';
import { ZipFile } from 'yazl';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export interface SheetToMake {
  readonly name?: string;
  readonly state?: string;
  /** What stands in `sheetData`. */
  readonly rows: string;
}

export interface WorkbookToMake {
  readonly sheets: readonly SheetToMake[];
  /** What stands in `sst`. */
  readonly strings?: string;
  /** What stands in `styleSheet`. */
  readonly styles?: string;
  /** Attributes of `workbookPr`. */
  readonly properties?: string;
  /** By name, written instead of the usual ones; null leaves a part out. */
  readonly parts?: Readonly<Record<string, string | null>>;
}

export async function makeWorkbook({
  sheets,
  strings = '',
  styles = '',
  properties = '',
  parts = {},
}: WorkbookToMake): Promise<Buffer> {
  const usual: Record<string, string | null> = {
    '_rels/.rels': relationships([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr ${properties}/><sheets>${sheets
      .map(
        ({ name = `Sheet${1}`, state = 'visible' }, index) =>
          `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" state="${state}" r:id="rId${index + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships([
      ...sheets.map(
        (_, index) => [`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`] as const,
      ),
      ['rIdS', 'sharedStrings', '/xl/sharedStrings.xml'],
      ['rIdT', 'styles', 'styles.xml'],
    ]),
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}">${styles}</styleSheet>`,
  };
  for (const [index, { rows }] of sheets.entries())
    usual[`xl/worksheets/sheet${index + 1}.xml`] =
      `<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`;
  // Excel writes the texts behind the sheets.
  usual['xl/sharedStrings.xml'] = `<sst xmlns="${MAIN}">${strings}</sst>`;
  return makeArchive({ ...usual, ...parts });
}

export function makeArchive(parts: Readonly<Record<string, string | null>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(parts))
    if (text !== null) zip.addBuffer(Buffer.from(text), name, { compress: name !== 'mimetype' });
  zip.end();
  return buffer(zip.outputStream);
}

function relationships(targets: readonly (readonly [id: string, type: string, target: string])[]): string {
  const each = targets.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${RELATIONSHIPS}">${each.join('')}</Relationships>`;
}

/** As Excel escapes text, also what XML cannot hold. */
export function escapeXml(text: string): string {
  return text
    .replace(/_x[\da-f]{4}_/gi, (found) => `_x005F${found}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(
      /[^\t\n\x20-\ufffd]/g,
      (unit) => `_x${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}_`,
    );
}

/** The file, open until the test is over. */
export async function openBytes(bytes: Uint8Array) {
  const folder = await makeFolder();
  const file = await open(join(folder.path, 'file'), 'wx+');
  onTestFinished(async () => {
    await file.close();
    await folder.remove();
  });
  await file.writeFile(bytes);
  return file;
}
