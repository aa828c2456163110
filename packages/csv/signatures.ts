/** Recognises files that are not text by their first bytes. */
interface Kind {
  name: string;
  matches: (bytes: Uint8Array) => boolean;
}

/** Entry names that a zip holding a workbook shows near its start. */
const WORKBOOK_MARKS = ['[Content_Types].xml', 'xl/'];

const KINDS: readonly Kind[] = [
  { name: 'a PNG picture', matches: startsWith(0x89, 0x50, 0x4e, 0x47) },
  { name: 'a JPEG picture', matches: startsWith(0xff, 0xd8, 0xff) },
  { name: 'a GIF picture', matches: (bytes) => /^GIF8[79]a/.test(latin1(bytes, 6)) },
  { name: 'a WebP picture', matches: (bytes) => /^RIFF.{4}WEBP/s.test(latin1(bytes, 12)) },
  { name: 'a PDF document', matches: (bytes) => latin1(bytes, 5) === '%PDF-' },
  { name: 'a gzip archive', matches: startsWith(0x1f, 0x8b) },
  { name: 'an Excel workbook (.xls)', matches: startsWith(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1) },
  { name: 'an Excel workbook (.xlsx)', matches: (bytes) => isZip(bytes) && holdsWorkbook(bytes) },
  { name: 'a zip archive', matches: isZip },
];

/** What kind of file `firstBytes` begin, in words with an article, or null if nothing speaks against text. */
export function recogniseKind(firstBytes: Uint8Array): string | null {
  return KINDS.find(({ matches }) => matches(firstBytes))?.name ?? null;
}

function startsWith(...signature: number[]): (bytes: Uint8Array) => boolean {
  return (bytes) => signature.every((byte, index) => bytes[index] === byte);
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
