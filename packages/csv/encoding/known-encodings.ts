/** The encodings that files are read in: how people call each, and how platforms decode it. */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import { CsvError } from '../errors.ts';

/** In the words of the programs that write them. */
export const encodingNames: Readonly<Record<Encoding, string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  'windows-874': 'windows-874, Thai',
  'windows-1250': 'windows-1250, Central European',
  'windows-1251': 'windows-1251, Cyrillic',
  'windows-1252': 'windows-1252, Western European',
  'windows-1253': 'windows-1253, Greek',
  'windows-1254': 'windows-1254, Turkish',
  'windows-1255': 'windows-1255, Hebrew',
  'windows-1256': 'windows-1256, Arabic',
  'windows-1257': 'windows-1257, Baltic',
  'windows-1258': 'windows-1258, Vietnamese',
  'iso-8859-2': 'ISO-8859-2, Central European',
  'iso-8859-3': 'ISO-8859-3, Southern European',
  'iso-8859-4': 'ISO-8859-4, Northern European',
  'iso-8859-5': 'ISO-8859-5, Cyrillic',
  'iso-8859-6': 'ISO-8859-6, Arabic',
  'iso-8859-7': 'ISO-8859-7, Greek',
  'iso-8859-8': 'ISO-8859-8, Hebrew',
  'iso-8859-10': 'ISO-8859-10, Nordic',
  'iso-8859-13': 'ISO-8859-13, Baltic',
  'iso-8859-14': 'ISO-8859-14, Celtic',
  'iso-8859-15': 'ISO-8859-15, Western European',
  'koi8-r': 'KOI8-R, Russian',
  'koi8-u': 'KOI8-U, Ukrainian',
  ibm850: 'IBM 850, Western European of DOS',
  ibm852: 'IBM 852, Central European of DOS',
  ibm866: 'IBM 866, Cyrillic of DOS',
  macintosh: 'MacRoman',
  'x-mac-cyrillic': 'Mac Cyrillic',
  shift_jis: 'Shift_JIS, Japanese',
  'euc-jp': 'EUC-JP, Japanese',
  'iso-2022-jp': 'ISO-2022-JP, Japanese',
  gb18030: 'GB18030, simplified Chinese',
  big5: 'Big5, traditional Chinese',
  'euc-kr': 'EUC-KR, Korean',
};

/** Labels that the platform does not know, and what people mean by them. */
const LABELS: Readonly<Record<string, Encoding>> = {
  gbk: 'gb18030',
  cp936: 'gb18030',
  ibm850: 'ibm850',
  cp850: 'ibm850',
  ibm852: 'ibm852',
  cp852: 'ibm852',
  cp874: 'windows-874',
  cp932: 'shift_jis',
  cp949: 'euc-kr',
  cp950: 'big5',
  utf16: 'utf-16le',
  macroman: 'macintosh',
  'mac-roman': 'macintosh',
  'mac-cyrillic': 'x-mac-cyrillic',
  ansi: 'windows-1252',
};

/**
 * The encoding that a label names, in any case: `UTF-8`, `latin1`, `cp1251`, `Shift-JIS`.
 * @throws CsvError encoding_unsupported
 */
export function readEncoding(label: string): Encoding {
  const wanted = label.trim().toLowerCase();
  const known = Object.hasOwn(LABELS, wanted) ? LABELS[wanted] : canonical(wanted);
  if (known !== undefined) return known;
  throw new CsvError(
    'encoding_unsupported',
    `The encoding “${label.slice(0, 40)}” is not known. Known are ${Object.keys(encodingNames).join(', ')}. ` +
      'Leave it out to have it found.',
  );
}

function canonical(label: string): Encoding | undefined {
  try {
    const { encoding } = new TextDecoder(label);
    const name = encoding === 'gbk' ? 'gb18030' : encoding;
    return Object.hasOwn(encodingNames, name) ? (name as Encoding) : undefined;
  } catch {
    return undefined;
  }
}
