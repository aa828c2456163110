/** Measures how often the encoding of a file of names is found, by language, encoding and number of rows. */
import { detectEncoding } from '@tidings/csv/encoding/detect.ts';
import { readText } from '@tidings/csv/encoding/transcode.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import iconv from 'iconv-lite';
import { median } from '../measure.ts';
import { namesByLanguage } from './encodings/names.ts';

const ROWS = [3, 10, 50];
const FILES = 40;

interface Tally {
  right: number;
  asked: number;
  wrong: number;
}

/** Bytes of the sample whose guess is timed: as many as an upload looks at. */
const TIMED_BYTES = 64 * 1024;
const TIMED_ROUNDS = 20;

/** Prints for each language and encoding the share of files that are right, asked about and wrong, and how long a guess takes. `args`: `[domain]`, the ending of addresses. */
export async function run(args: string[]): Promise<void> {
  const domain = args[0] ?? 'test';
  const sums = new Map<number, Tally>();
  for (const { language, encodings, names } of namesByLanguage) {
    for (const encoding of encodings) {
      const cells = ROWS.map((rows) => {
        const tally = { right: 0, asked: 0, wrong: 0 };
        for (let file = 0; file < FILES; file++) count(tally, makeFile(names, rows, file, domain), encoding);
        const sum = sums.get(rows) ?? { right: 0, asked: 0, wrong: 0 };
        for (const key of ['right', 'asked', 'wrong'] as const) sum[key] += tally[key];
        sums.set(rows, sum);
        return `${rows} rows: ${tally.right} right, ${tally.asked} asked, ${tally.wrong} wrong`;
      });
      console.log(`${language} in ${encoding}: ${cells.join('; ')} (of ${FILES})`);
    }
  }
  for (const [rows, { right, asked, wrong }] of sums) {
    const share = (part: number) => `${((100 * part) / (right + asked + wrong)).toFixed(1)} %`;
    console.log(`files of ${rows} rows: right ${share(right)}, asked ${share(asked)}, wrong ${share(wrong)}`);
  }
  console.log(
    `a guess of 64 KiB, each word another one: ${slowGuess().toFixed(0)} ms of CPU (median of ${TIMED_ROUNDS})`,
  );
}

/** Milliseconds of CPU for the sample that takes longest: no word comes twice, and every letter is beyond ASCII. */
function slowGuess(): number {
  const random = randomNumbers(1);
  const sample = Uint8Array.from({ length: TIMED_BYTES }, (_, at) => {
    if (at % 64 === 63) return 0x0a;
    return at % 8 === 7 ? 0x2c : 0xc0 + Math.floor(random() * 0x3f);
  });
  const times = Array.from({ length: TIMED_ROUNDS }, () => {
    const before = process.cpuUsage();
    detectEncoding(sample);
    return process.cpuUsage(before).user / 1_000;
  });
  return median(times);
}

function count(tally: Tally, text: string, encoding: string): void {
  const bytes = iconv.encode(text, encoding);
  if (!bytes.some((byte) => byte >= 0x80)) return;
  const found = detectEncoding(bytes);
  const read = readText(bytes, found.encoding);
  // Not `text`: an encoding may lack one of its letters.
  const written = iconv.decode(bytes, encoding);
  if (!found.isCertain) tally.asked++;
  else if (read === written) tally.right++;
  else tally.wrong++;
}

/** Every file has other names, and the same each time. */
function makeFile(names: readonly string[], rows: number, file: number, domain: string): string {
  const lines = ['email,first name,last name'];
  for (let row = 0; row < rows; row++) {
    const name = names[(file * 7 + row * 5 + file * row) % names.length] ?? '';
    const [first = '', last = ''] = name.split(' ');
    lines.push(`user${row}@example.${domain},${first},${last}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}
