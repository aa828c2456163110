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

const ANY_WAY = 'Save it as CSV (UTF-8) in the program that made it, and drop that file.';
const EXCEL_WAY = 'In Excel: File → Save as → “CSV UTF-8”. Drop that file.';

const OTHER_PROGRAM_WAY =
  'Open it in a spreadsheet program, save it there as an Excel workbook (.xlsx) or as CSV (UTF-8), and drop that file.';

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
    matches: (bytes) => isZip(bytes) && latin1(bytes, 200).includes('application/vnd.oasis.opendocument'),
  },
  {
    name: 'a spreadsheet of Numbers',
    way: 'In Numbers: File → Export to → CSV, with the text encoding Unicode (UTF-8). Drop that file.',
    matches: (bytes) => isZip(bytes) && /Index\/|\.iwa/.test(latin1(bytes, bytes.length)),
  },
  WORKBOOK,
  { name: 'a zip archive', way: 'Unpack it, and drop the CSV file that is in it.', matches: isZip },
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
];

/** Why a file that begins so is no CSV file, and how one is made of it; null if nothing speaks against text. */
export function recogniseKind(firstBytes: Uint8Array): string | null {
  const kind = KINDS.find(({ matches }) => matches(firstBytes));
  return kind === undefined ? null : `The file is ${kind.name}, not a CSV file. ${kind.way ?? ANY_WAY}`;
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
  return (bytes) => pattern.test(latin1(bytes, 200));
}

/** Old Office files, and new ones that are encrypted. */
function isCompound(bytes: Uint8Array): boolean {
  return startsWith(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)(bytes);
}

/** A zip begins with an entry, or with the end of its directory if it is empty. */
function isZip(bytes: Uint8Array): boolean {
  return startsWith(0x50, 0x4b, 0x03, 0x04)(bytes) || startsWith(0x50, 0x4b, 0x05, 0x06)(bytes);
}

function holdsWorkbook(bytes: Uint8Array): boolean {
  const text = latin1(bytes, bytes.length);
  return WORKBOOK_MARKS.some((mark) => text.includes(mark));
}

function latin1(bytes: Uint8Array, length: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, length));
}
