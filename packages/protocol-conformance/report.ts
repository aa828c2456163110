/** Verdicts for people. */
import type { RuleVerdict } from './run.ts';

const marks = { holds: 'holds', broken: 'BROKEN', 'not tried': 'not tried' } as const;
const WIDTH = 26;

/** A line of progress. */
export function printVerdict({ name, outcome, why, ms }: RuleVerdict): string {
  const rest = outcome === 'holds' ? `${ms} ms` : why;
  return `${marks[outcome].padEnd(10)} ${name.padEnd(WIDTH)} ${rest}\n`;
}

/** One line for each area and the sums; below it, what is broken and what could not be tried. */
export function tableOf(verdicts: readonly RuleVerdict[]): string {
  const areas = [...new Set(verdicts.map(({ name }) => areaOf(name)))];
  const rows = areas.map((area) =>
    row(
      area,
      verdicts.filter(({ name }) => areaOf(name) === area),
    ),
  );
  const named = (['broken', 'not tried'] as const).flatMap((outcome) => {
    const found = verdicts.filter((verdict) => verdict.outcome === outcome);
    return found.length === 0
      ? []
      : ['', `${marks[outcome]}:`, ...found.map(({ name, why }) => `  ${name}: ${why}`)];
  });
  const head = [
    '',
    'MUSTs'.padEnd(WIDTH),
    'hold'.padStart(8),
    'broken'.padStart(8),
    'not tried'.padStart(11),
  ];
  return `${[head.join('').replace(/^/, '\n'), ...rows, row('all', verdicts), ...named].join('\n')}\n`;
}

function areaOf(name: string): string {
  return name.split('.').slice(0, 2).join('.');
}

function row(title: string, verdicts: readonly RuleVerdict[]): string {
  const count = (wanted: RuleVerdict['outcome']) =>
    verdicts.filter(({ outcome }) => outcome === wanted).length;
  return `${title.padEnd(WIDTH)}${String(count('holds')).padStart(8)}${String(count('broken')).padStart(8)}${String(count('not tried')).padStart(11)}`;
}
