/** What is read at once, and again every few seconds while the page is seen. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { explainSupportError } from './support-problem.ts';

export interface Repeated<Value> {
  /** null until the first answer. After a failure the last one stands. */
  readonly value: Value | null;
  readonly problem: PageProblem | null;
  /** Reads it again at once, and once more a moment later: an order is obeyed after its answer. */
  readonly reload: () => void;
}

const AGAIN_MS = 5_000;
const SOON_MS = 1_000;

/**
 * @param read the same function for as long as what it reads is the same
 * @param explain says in words why it fails
 */
export function useRepeated<Value>(
  read: () => Promise<Value>,
  explain: (error: unknown) => PageProblem = explainSupportError,
): Repeated<Value> {
  const [value, setValue] = useState<Value | null>(null);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const latest = useRef<() => void>(() => undefined);
  useEffect(() => {
    let isOver = false;
    let isReading = false;
    let wantsAgain = false;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const readAgain = async (): Promise<void> => {
      if (isReading) return;
      [isReading, wantsAgain] = [true, false];
      try {
        const next = await read();
        if (isOver) return;
        setValue(() => next);
        setProblem(null);
      } catch (error) {
        if (!isOver) setProblem(explain(error));
      } finally {
        isReading = false;
        if (wantsAgain && !isOver) void readAgain();
      }
    };
    latest.current = () => {
      // What is being read may be older than what asks for it.
      wantsAgain = isReading;
      clearTimeout(soon);
      soon = setTimeout(() => void readAgain(), SOON_MS);
      void readAgain();
    };
    void readAgain();
    const again = setInterval(() => {
      if (!document.hidden) void readAgain();
    }, AGAIN_MS);
    return () => {
      isOver = true;
      clearInterval(again);
      clearTimeout(soon);
    };
  }, [read]);
  return { value, problem, reload: () => latest.current() };
}
