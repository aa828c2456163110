import { useEffect, useRef, useState } from 'preact/hooks';

/** Milliseconds without a key pressed, after which what is typed is asked for. */
const TYPING_MS = 250;

type OnInput = (event: { readonly currentTarget: HTMLInputElement }) => void;

/**
 * A text that is handed on once nobody types any more. What the address says comes back, where somebody goes back or forward.
 *
 * @param given without blanks around it, as texts are handed on
 */
export function useTyped(given: string, hand: (text: string) => void): [string, OnInput] {
  const [text, setText] = useState(given);
  const handed = useRef(given);
  const latest = useRef(hand);
  latest.current = hand;
  useEffect(() => {
    if (given === handed.current) return;
    handed.current = given;
    setText(given);
  }, [given]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === handed.current) return undefined;
    const typing = setTimeout(() => {
      handed.current = wanted;
      latest.current(wanted);
    }, TYPING_MS);
    return () => clearTimeout(typing);
  }, [text]);
  useEffect(() => {
    // What was typed a moment before would lead on again, from the step that somebody has gone to.
    const forget = (): void => setText(handed.current);
    addEventListener('popstate', forget);
    return () => removeEventListener('popstate', forget);
  }, []);
  return [text, ({ currentTarget }) => setText(currentTarget.value)];
}
