/** What a search has found is read out once it is answered; what stands there when the page is opened is not. */
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../shell/frame/announcer.ts';

/**
 * @param query what is looked for: another object or text, another search
 * @param answered whether what is shown is the answer to it
 * @param sentence says what was found
 */
export function useResult(query: unknown, answered: boolean, sentence: () => string): void {
  const told = useRef(query);
  const latest = useRef(sentence);
  latest.current = sentence;
  useEffect(() => {
    if (!answered || told.current === query) return undefined;
    // The answer is drawn with the next frame.
    const frame = requestAnimationFrame(() => {
      told.current = query;
      announce(latest.current());
    });
    return () => cancelAnimationFrame(frame);
  }, [query, answered]);
}
