/** How the server would read a file that was picked: asked again at each choice, and by itself while the server does not answer. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { sendAgain } from '@tidings/client/index.ts';
import { previewUpload } from '@tidings/client/uploads/preview.ts';
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import { explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import type { FileCheckOptions } from '../place/check-options.ts';
import type { Choices } from './choices.ts';
import type { PickedFile } from './chosen-file.ts';

export interface CheckView {
  /** The last answer; null before the first one. */
  readonly preview: ImportPreview | null;
  readonly choices: Choices;
  /** `asking`: what is shown is of an earlier choice. `waiting`: the server does not answer, and is asked again. */
  readonly phase: 'asking' | 'waiting' | 'answered';
  /** Why the server does not read the file by these choices. */
  readonly problem: PageProblem | null;
}

export interface FileCheck {
  readonly view: ReadonlySignal<CheckView>;
  /** Asks for the first time, or again at once. */
  ask(): void;
  choose(choices: Choices): void;
  /** Asks no more. */
  close(): void;
}

/** Milliseconds after which an attempt without an answer is taken for a failure, and those that each byte adds. */
const DEFAULT_TIMEOUT_MS = 20_000;
const SLOWEST_MS_PER_BYTE = 0.01;

export function createFileCheck(
  { file, head }: PickedFile,
  { apiUrl, timeoutMs = DEFAULT_TIMEOUT_MS, withToken, onProblem }: FileCheckOptions = {},
): FileCheck {
  const view = signal<CheckView>({ preview: null, choices: {}, phase: 'asking', problem: null });
  let asked = new AbortController();
  const change = (part: Partial<CheckView>): void => {
    view.value = { ...view.peek(), ...part };
  };
  const fetchPreview = (choices: Choices, stopped: AbortSignal): Promise<ImportPreview> => {
    const askOnce = (token?: string) =>
      previewUpload({
        baseUrl: apiUrl,
        token,
        file: head,
        fileName: file.name,
        fields: head.size < file.size ? { ...choices, size: file.size } : choices,
        signal: stopped,
        timeoutMs: Math.ceil(timeoutMs + head.size * SLOWEST_MS_PER_BYTE),
        again: { patienceMs: 0 },
      });
    return sendAgain(() => (withToken === undefined ? askOnce() : withToken(askOnce)), {
      signal: stopped,
      isWorthIt: ({ retriable }) => retriable,
      patienceMs: Number.POSITIVE_INFINITY,
      onWait: (_milliseconds, error) => {
        if (error.code === 'rate_limited') return change({ phase: 'asking' });
        if (view.peek().phase !== 'waiting') onProblem?.(explainError(error));
        change({ phase: 'waiting' });
      },
    });
  };
  const ask = async (choices: Choices): Promise<void> => {
    asked.abort();
    asked = new AbortController();
    const { signal: stopped } = asked;
    change({ choices, phase: 'asking', problem: null });
    try {
      const preview = await fetchPreview(choices, stopped);
      if (stopped.aborted) return;
      // What looks like a file without a header is read as one, and shown: an import says so by itself.
      if (preview.headerLine === 0 && choices.headerLine === undefined) {
        await ask({ ...choices, headerLine: 0 });
        return;
      }
      change({ preview, phase: 'answered' });
    } catch (error) {
      if (stopped.aborted) return;
      const problem = explainError(error);
      change({ phase: 'answered', problem });
      onProblem?.(problem);
    }
  };
  return {
    view,
    ask: () => void ask(view.peek().choices),
    choose: (choices) => void ask(choices),
    close: () => asked.abort(),
  };
}
