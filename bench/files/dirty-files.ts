/**
 * Counts what is read of dirty files, beside csv-parse and PapaParse: the records that an import would take and that are the file's, and those
 * that are not; and the score of Pollock, a benchmark of such files. Without a folder it damages a clean contacts file in Pollock's ways.
 */

import { numberOption } from '../measure.ts';
import { cleanContacts } from './dirty-files/clean-contacts.ts';
import { classOf, type DirtyFile, surveyWeights } from './dirty-files/dirty-file.ts';
import { readFolder } from './dirty-files/folder.ts';
import { type CleanTable, pollute } from './dirty-files/pollute.ts';
import { readers } from './dirty-files/readers.ts';
import { addReading, emptyTally, type Tally } from './dirty-files/score.ts';

/** `[FOLDER] [--seed 1]`. Prints a line for each class of damage: exact and wrong records of each reader; then the scores. */
export async function run(words: string[]): Promise<void> {
  const [folder] = words.filter(
    (word, at) => word !== '--' && !word.startsWith('--') && !words[at - 1]?.startsWith('--seed'),
  );
  const clean = cleanContacts(numberOption(words, 'seed', 1)) as CleanTable;
  const files = folder === undefined ? [...pollute(clean)] : readFolder(folder);
  const known = files.filter(({ expected }) => expected !== null);
  if (known.length > 0) printClasses(known);
  const unknown = files.filter(({ expected }) => expected === null);
  if (unknown.length > 0) printVerdicts(unknown);
}

function printClasses(files: readonly DirtyFile[]): void {
  const classes = new Map<string, Tally[]>();
  const scores = readers.map(() => ({ simple: 0, weighted: 0 }));
  const weights = weightsOf(files);
  const weightOfAll = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, { name, bytes, expected }] of files.entries()) {
    const tallies = classes.get(classOf(name)) ?? readers.map(emptyTally);
    classes.set(classOf(name), tallies);
    for (const [at, reader] of readers.entries()) {
      const [tally, score] = [tallies[at], scores[at]];
      if (tally === undefined || score === undefined || expected === null) continue;
      const before = tally.score;
      addReading(tally, reader.read(bytes), expected);
      score.simple += (tally.score - before) / files.length;
      score.weighted += ((tally.score - before) * (weights[index] ?? 0)) / (weightOfAll || 1);
    }
  }
  console.log(
    ['class', 'files', 'records', ...readers.map(({ name }) => `${name}: exact / wrong, score`)].join(' | '),
  );
  const sums = readers.map(emptyTally);
  for (const [name, tallies] of classes) {
    printLine(name, tallies);
    for (const [at, tally] of tallies.entries()) add(sums[at], tally);
  }
  printLine('all', sums);
  for (const [at, { name }] of readers.entries()) {
    const { simple = 0, weighted = 0 } = scores[at] ?? {};
    const refused = sums[at]?.refused ?? 0;
    console.log(
      `${name}: score ${simple.toFixed(3)} simple, ${weighted.toFixed(3)} weighted; ${refused} files refused`,
    );
  }
}

function printLine(name: string, tallies: readonly Tally[]): void {
  const [first] = tallies;
  const cells = tallies.map((one) => `${one.exact} / ${one.wrong}, ${(one.score / one.files).toFixed(3)}`);
  console.log([name, first?.files, first?.expected, ...cells].join(' | '));
}

function add(sum: Tally | undefined, tally: Tally): void {
  if (sum !== undefined) for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
}

/** Of each file: its class's share of the survey, divided among the class's files. */
function weightsOf(files: readonly DirtyFile[]): number[] {
  const classes = files.map(({ name }) => surveyWeights.findLast(({ names }) => names.test(name)));
  return classes.map((one) => {
    if (one === undefined) return 0;
    return one.files / classes.filter((other) => other === one).length;
  });
}

function printVerdicts(files: readonly DirtyFile[]): void {
  console.log(`file | ${readers.map(({ name }) => `${name}: verdict, columns × records`).join(' | ')}`);
  for (const { name, bytes } of files) {
    const cells = readers.map((reader) => {
      const { header, records, verdict } = reader.read(bytes);
      return `${verdict.slice(0, 60)}, ${header?.length ?? records[0]?.length ?? 0} × ${records.length}`;
    });
    console.log([name, ...cells].join(' | '));
  }
}
