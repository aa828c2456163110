/**
 * Opens an Excel workbook (.xlsx, .xlsm) that stands in a file. Macros and formulas are never run, pictures and comments never read.
 *
 * Memory: about 30 MiB however long the sheet is, and four bytes for each text that cells share.
 */
import type { FileHandle } from 'node:fs/promises';
import { Archive, type ArchiveLimits } from './archive/archive.ts';
import { readParts, type Sheet, type WorkbookParts } from './archive/parts.ts';
import { readSharedStrings } from './sheets/read-strings.ts';
import { SharedStrings } from './sheets/shared-strings.ts';
import { readSheetRows, type SheetRow } from './sheets/sheet-rows.ts';
import { readStyles } from './sheets/styles.ts';

export type { Sheet, SheetRow };

/** Bytes with which every zip archive begins that holds something. */
const ARCHIVE_BEGIN = [0x50, 0x4b, 0x03, 0x04];

/** Bytes that `mayBeWorkbook` needs. */
export const ARCHIVE_BEGIN_BYTES = ARCHIVE_BEGIN.length;

export function mayBeWorkbook(firstBytes: Uint8Array): boolean {
  return ARCHIVE_BEGIN.every((byte, index) => firstBytes[index] === byte);
}

export class Workbook {
  /** The number of the last row of the sheet that is being read, as the sheet says it; null before its first rows, and where it does not. */
  lastRow: number | null = null;
  readonly #archive: Archive;
  readonly #parts: WorkbookParts;

  private constructor(archive: Archive, parts: WorkbookParts) {
    this.#archive = archive;
    this.#parts = parts;
  }

  /**
   * @param file read until the last row has been taken; the caller closes it
   * @returns null where the archive holds no workbook
   * @throws CsvError workbook_unreadable, file_too_large
   */
  static async open(file: FileHandle, limits: Partial<ArchiveLimits> = {}): Promise<Workbook | null> {
    const archive = await Archive.open(file, limits);
    const parts = await readParts(archive);
    return parts === null ? null : new Workbook(archive, parts);
  }

  /** The sheets that have rows, in the order of their tabs. */
  get sheets(): readonly Sheet[] {
    return this.#parts.sheets;
  }

  /** The sheet's rows, several at once, each with the text of its cells. @throws CsvError as `open` */
  async *rows({ part }: Sheet): AsyncGenerator<SheetRow[]> {
    const { styles, sharedStrings, has1904Dates } = this.#parts;
    const formatOf = readStyles(styles === null ? null : await this.#archive.text(styles), has1904Dates);
    const strings =
      sharedStrings === null
        ? new SharedStrings()
        : await readSharedStrings(this.#archive.read(sharedStrings));
    const onLastRow = (number: number) => {
      this.lastRow = number;
    };
    try {
      yield* readSheetRows(this.#archive.read(part), { strings, formatOf, onLastRow });
    } finally {
      await strings.close();
    }
  }
}
