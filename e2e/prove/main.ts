/** `npm run prove`: breaks a whole Tidings for some minutes, and counts what is lost and what is doubled. */
import { parseArgs } from 'node:util';
import { type ProofOptions, prove, provedEngines } from './prove.ts';
import { reportLines } from './report.ts';

const usage = `npm run prove [-- --minutes 5 --seed N --engines ${provedEngines.join('|')}]`;
/** The exit code of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

const asked = readArguments();
if (asked === null) {
  console.error(usage);
  process.exit(2);
}
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not wait: the guards of the processes end them.
    if (interrupted.signal.aborted) process.exit(INTERRUPTED);
    interrupted.abort(new Error('interrupted'));
  });
}
try {
  const proof = await prove({ ...asked, screen: process.stdout, signal: interrupted.signal });
  for (const line of reportLines(proof, asked)) console.log(line);
  process.exit(proof.findings.none ? 0 : 1);
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  console.log('Interrupted; nothing is left running.');
  process.exit(INTERRUPTED);
}

/** null where a word is not understood. */
function readArguments(): Pick<ProofOptions, 'engines' | 'minutes' | 'seed'> | null {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
        engines: { type: 'string', default: 'embedded' },
      },
    });
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    const engines = provedEngines.find((name) => name === values.engines);
    if (engines === undefined || !(minutes > 0) || !Number.isSafeInteger(seed)) return null;
    return { minutes, seed, engines };
  } catch {
    return null;
  }
}
