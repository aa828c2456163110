/** Shows a person how sure a file's encoding is: texts of the file as each likely encoding reads them. */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import { PREVIEW_SAMPLES, PREVIEW_TEXT_LENGTH } from '@tidings/contracts/files/preview.ts';
import { type DetectedEncoding, detectEncoding } from './encoding/detect.ts';
import { readText } from './encoding/transcode.ts';
import type { Sniffed } from './sniff.ts';
import { invalidUtf8At } from './utf8.ts';

/** Bytes that other encodings are guessed of where one is chosen already: enough to name them, and soon done. */
const GUESS_BYTES = 16 * 1024;

export interface DescribedEncoding {
  /** 0 to 1. */
  readonly confidence: number;
  /** Texts with letters beyond ASCII. */
  readonly samples: string[];
  /** With the same places of the file. */
  readonly alternatives: { encoding: Encoding; samples: string[] }[];
}

/** @param firstBytes of the file, as `sniff` was given them */
export function describeEncoding(
  firstBytes: Uint8Array,
  { dialect, guess, bomLength }: Pick<Sniffed, 'dialect' | 'guess' | 'bomLength'>,
): DescribedEncoding {
  const bytes = firstBytes.subarray(bomLength);
  const { encoding } = dialect;
  const text = readText(bytes, encoding);
  const places = placesBeyondAscii(text);
  const hasMark = bomLength > 0 || encoding.startsWith('utf-16');
  const others = hasMark ? [] : othersThan(encoding, guess ?? guessAgain(bytes, encoding));
  return {
    confidence: guess?.confidence ?? 1,
    samples: samplesAt(text, places),
    alternatives: others.map((other) => ({
      encoding: other,
      samples: samplesAt(readText(bytes, other), places),
    })),
  };
}

/** What else it may be where the person or UTF-8 says what it is; null where nothing speaks for another one. */
function guessAgain(
  bytes: Uint8Array,
  encoding: Encoding,
): Pick<DetectedEncoding, 'encoding' | 'alternatives'> | null {
  if (!bytes.some((byte) => byte >= 0x80)) return null;
  // The last letter may be cut off.
  const isUtf8 = invalidUtf8At(bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1 || bytes.length)) < 0;
  if (!isUtf8) return detectEncoding(bytes.subarray(0, GUESS_BYTES));
  return encoding === 'utf-8' ? null : { encoding: 'utf-8', alternatives: [] };
}

function othersThan(
  encoding: Encoding,
  guess: Pick<DetectedEncoding, 'encoding' | 'alternatives'> | null,
): Encoding[] {
  if (guess === null) return [];
  return [guess.encoding, ...guess.alternatives].filter((other) => other !== encoding);
}

/** Texts between delimiters, quotes and newlines: all of these are ASCII, so that most encodings read the same number of texts. */
function textsOf(text: string): string[] {
  return text.split(/[,;|\t"\r\n]+/);
}

/** Which texts hold letters beyond ASCII: the first ones that differ. */
function placesBeyondAscii(text: string): number[] {
  const seen = new Set<string>();
  const places: number[] = [];
  for (const [place, one] of textsOf(text).entries()) {
    if (places.length === PREVIEW_SAMPLES) break;
    if (!/[^\0-\x7f]/.test(one) || !/(?![\0-\x7f])\p{L}/u.test(one) || seen.has(one)) continue;
    seen.add(one);
    places.push(place);
  }
  return places;
}

function samplesAt(text: string, places: readonly number[]): string[] {
  const texts = textsOf(text);
  return places.map((place) => (texts[place] ?? '').trim().slice(0, PREVIEW_TEXT_LENGTH));
}
