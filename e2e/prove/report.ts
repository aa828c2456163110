/** The table at the end of the proof, and how to run it again. */
import { counted } from './findings.ts';
import type { Proof, ProofOptions } from './prove.ts';

/** Sentences about what is wrong that are shown, at most; all of them are in the journal. */
const SHOWN = 20;

export function reportLines(
  proof: Proof,
  { seed, engines, minutes }: Omit<ProofOptions, 'screen' | 'signal'>,
): string[] {
  const { findings, progress, contacts, notifications, folder } = proof;
  const kinds = [...progress.faults].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const faults = [...progress.faults.values()].reduce((sum, count) => sum + count, 0);
  const amounts = { rows: progress.rows, contacts, notifications };
  const line = (name: string, amount: number, rest: string) =>
    `  ${name.padEnd(15)}${amount.toLocaleString('en').padStart(12)}   ${rest}`;
  const others = [...progress.others].map(([what, count]) => `${count} ${what}`).join(', ');
  const lines = [
    `Proof of seed ${seed} on ${engines} engines, ${minutes} min`,
    line('faults', faults, kinds),
    line('imports', progress.imports, others),
    ...counted.map((what) =>
      line(what, amounts[what], `lost ${findings.countLost(what)}   doubled ${findings.countDoubled(what)}`),
    ),
  ];
  if (findings.none) return [...lines, 'It holds.'];
  const { sentences } = findings;
  const left = sentences.length > SHOWN ? [`  … and ${sentences.length - SHOWN} more`] : [];
  return [
    ...lines,
    `It does not hold: ${sentences.length} findings.`,
    ...sentences.slice(0, SHOWN).map((sentence) => `  - ${sentence}`),
    ...left,
    `Data, logs and the journal of faults and imports: ${folder}`,
    `Run it again: npm run prove -- --engines ${engines} --minutes ${minutes} --seed ${seed}`,
  ];
}
