/** Recognises files that are not text by their first bytes. */
/** Entry names that a zip holding a workbook shows near its start. */
const WORKBOOK_MARKS = ['[Content_Types].xml', 'xl/'];

/** The stream of an encrypted workbook, as its directory names it in UTF-16. */
const ENCRYPTED_MARK = [...'EncryptedPackage'].join('\0');

interface Kind {
  /** In words with an article. */
  readonly name: string;
  /** How a CSV file is made of it. */
  readonly way?: string;
  matches(bytes: Uint8Array): boolean;
}

/** Bytes in which the beginning of a text is looked for: dumps of databases begin with comments. */
const MAX_BEGINNING = 2_000;

const ANY_WAY = 'Save it as CSV (UTF-8) in the program that made it, and drop that file.';
const EXCEL_WAY = 'In Excel: File → Save as → “CSV UTF-8”. Drop that file.';

const DOCUMENT_WAY =
  'If the contacts are in a table of it, copy that table into a spreadsheet program, save it there as an Excel workbook (.xlsx) or as CSV (UTF-8), and drop that file.';

const UNPACK_WAY = 'Unpack it, and drop the CSV file that is in it.';

const DATABASE_WAY =
  'Open it in the program that made it, export the table of contacts as an Excel workbook (.xlsx) or as CSV (UTF-8), and drop that file.';

const OTHER_PROGRAM_WAY =
  'Open it in a spreadsheet program, save it there as an Excel workbook (.xlsx) or as CSV (UTF-8), and drop that file.';

/** Statements with which dumps of databases begin, behind comments. */
const SQL =
  /(?:--[^\n]*\n\s*|\/\*[^*]*\*\/;?\s*)*(?:(?:INSERT|REPLACE)\s+INTO|(?:CREATE|DROP|LOCK|ALTER)\s+(?:TABLE|DATABASE|SCHEMA)|COPY\s+\S+\s*\(|SET\s+\w+\s*=|PRAGMA\s|BEGIN\s+TRANSACTION|USE\s+`)/i;

const WORKBOOK: Kind = {
  name: 'an Excel workbook (.xlsx)',
  way: EXCEL_WAY,
  matches: (bytes) => isZip(bytes) && holdsWorkbook(bytes),
};

/** The first that matches is the file's: a zip archive may be of several kinds. */
const KINDS: readonly Kind[] = [
  { name: 'a PNG picture', matches: startsWith(0x89, 0x50, 0x4e, 0x47) },
  { name: 'a JPEG picture', matches: startsWith(0xff, 0xd8, 0xff) },
  { name: 'a GIF picture', matches: (bytes) => /^GIF8[79]a/.test(latin1(bytes, 6)) },
  { name: 'a WebP picture', matches: (bytes) => /^RIFF.{4}WEBP/s.test(latin1(bytes, 12)) },
  { name: 'a PDF document', matches: (bytes) => latin1(bytes, 5) === '%PDF-' },
  { name: 'a gzip archive', way: 'Unpack it, and drop what is in it.', matches: startsWith(0x1f, 0x8b) },
  {
    name: 'an Excel workbook with a password',
    way: 'In Excel: File → Info → Protect Workbook → Encrypt with Password, and clear the password; save it, and drop that file.',
    matches: (bytes) => isCompound(bytes) && latin1(bytes, bytes.length).includes(ENCRYPTED_MARK),
  },
  {
    name: 'an Excel workbook (.xls)',
    way: EXCEL_WAY,
    matches: isCompound,
  },
  {
    name: 'an OpenDocument spreadsheet (.ods)',
    way: 'In LibreOffice: File → Save as → “Text CSV”, with the character set UTF-8. Drop that file.',
    matches: (bytes) => isOpenDocument(bytes, 'spreadsheet'),
  },
  { name: 'an OpenDocument file', way: DOCUMENT_WAY, matches: (bytes) => isOpenDocument(bytes, '') },
  {
    name: 'a spreadsheet of Numbers',
    way: 'In Numbers: File → Export to → CSV, with the text encoding Unicode (UTF-8). Drop that file.',
    matches: (bytes) => isZip(bytes) && /Index\/|\.iwa/.test(latin1(bytes, bytes.length)),
  },
  {
    name: 'a Word document',
    way: DOCUMENT_WAY,
    matches: (bytes) => isZip(bytes) && holds(bytes, 'word/document'),
  },
  {
    name: 'a PowerPoint presentation',
    way: DOCUMENT_WAY,
    matches: (bytes) => isZip(bytes) && holds(bytes, 'ppt/presentation'),
  },
  WORKBOOK,
  { name: 'a zip archive', way: UNPACK_WAY, matches: isZip },
  { name: 'a 7-Zip archive', way: UNPACK_WAY, matches: startsWith(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c) },
  { name: 'a RAR archive', way: UNPACK_WAY, matches: startsWith(0x52, 0x61, 0x72, 0x21, 0x1a, 0x07) },
  {
    name: 'an Outlook data file (.pst)',
    way:
      'In Outlook: File → Open & Export → Import/Export → Export to a file → Comma Separated Values, and choose the contacts. ' +
      'Drop that file.',
    matches: (bytes) => latin1(bytes, 4) === '!BDN',
  },
  {
    name: 'an Access database',
    way: 'In Access: External Data → Export → Excel. Drop that file.',
    matches: (bytes) => startsWith(0, 1, 0, 0)(bytes) && / (?:Jet|ACE) DB/.test(latin1(bytes, 24)),
  },
  {
    name: 'an SQLite database',
    way: DATABASE_WAY,
    matches: (bytes) => latin1(bytes, 15) === 'SQLite format 3',
  },
  {
    name: 'a vCard file (.vcf)',
    way:
      'Import it into an address book that exports CSV (in Google Contacts: Import, then Export → “Outlook CSV”), ' +
      'and drop that file.',
    matches: begins(/BEGIN:VCARD/i),
  },
  // Programs on the web export both under the name of an Excel workbook.
  {
    name: 'a web page (HTML)',
    way: OTHER_PROGRAM_WAY,
    matches: begins(/<(?:!doctype html|html|head|body|table)\b/i),
  },
  { name: 'an XML file', way: OTHER_PROGRAM_WAY, matches: begins(/<\?xml\s/) },
  { name: 'a JSON file', matches: begins(/(?:\[\s*)?\{\s*"/) },
  { name: 'a dump of a database (SQL)', way: DATABASE_WAY, matches: begins(SQL) },
  {
    name: 'a file of a directory (LDIF)',
    way: 'Import it into an address book that exports CSV (in Thunderbird: Import, then Export → Comma Separated), and drop that file.',
    matches: begins(/(?:version: ?\d+\s+)?(?:#[^\n]*\n\s*)*dn::? ?\S/i),
  },
  { name: 'a calendar (.ics)', matches: begins(/BEGIN:VCALENDAR/i) },
  { name: 'a text document (RTF)', way: DOCUMENT_WAY, matches: begins(/\{\\rtf/) },
  {
    name: 'an e-mail message',
    way: 'Save the file that came with it, and drop that file.',
    matches: begins(
      /(?:From \S+@\S+ |(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID|X-[\w-]+): )/i,
    ),
  },
];

/** Why a file that begins so is no CSV file, and how one is made of it; null if nothing speaks against text. */
export function recogniseKind(firstBytes: Uint8Array): string | null {
  const kind = KINDS.find(({ matches }) => matches(firstBytes));
  return kind === undefined ? null : describe(kind);
}

function describe({ name, way = ANY_WAY }: Pick<Kind, 'name' | 'way'>): string {
  return `The file is ${name}, not a CSV file. ${way}`;
}

/** What an archive is that looks like a workbook and holds none. */
export function recogniseArchive(firstBytes: Uint8Array): string {
  const kind = KINDS.find((one) => one !== WORKBOOK && one.matches(firstBytes));
  return describe(kind ?? { name: 'an archive', way: UNPACK_WAY });
}

/** Whether it is no text, and is imported all the same: a workbook that is read as a table. */
export function isWorkbook(firstBytes: Uint8Array): boolean {
  return KINDS.find(({ matches }) => matches(firstBytes)) === WORKBOOK;
}

function startsWith(...signature: number[]): (bytes: Uint8Array) => boolean {
  return (bytes) => signature.every((byte, index) => bytes[index] === byte);
}

/** Whether the text begins so, behind a byte order mark and blanks. */
function begins(beginning: RegExp): (bytes: Uint8Array) => boolean {
  const pattern = new RegExp(`^(?:\\xef\\xbb\\xbf)?\\s*${beginning.source}`, beginning.flags);
  return (bytes) => pattern.test(latin1(bytes, MAX_BEGINNING));
}

/** Old Office files, and new ones that are encrypted. */
function isCompound(bytes: Uint8Array): boolean {
  return startsWith(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)(bytes);
}

/** A zip begins with an entry, or with the end of its directory if it is empty. */
function isZip(bytes: Uint8Array): boolean {
  return startsWith(0x50, 0x4b, 0x03, 0x04)(bytes) || startsWith(0x50, 0x4b, 0x05, 0x06)(bytes);
}

/** @param kind what its mark goes on with, as `spreadsheet` */
function isOpenDocument(bytes: Uint8Array, kind: string): boolean {
  return isZip(bytes) && latin1(bytes, 200).includes(`application/vnd.oasis.opendocument.${kind}`);
}

function holdsWorkbook(bytes: Uint8Array): boolean {
  return WORKBOOK_MARKS.some((mark) => holds(bytes, mark));
}

/** Whether the name of an entry shows near the archive's start. */
function holds(bytes: Uint8Array, name: string): boolean {
  return latin1(bytes, bytes.length).includes(name);
}

function latin1(bytes: Uint8Array, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, length));
}
