/** The time, to the second, for what says how long ago something was. It runs while something is shown that reads it. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export const now = signal(Date.now());

export function useClock(): void {
  useEffect(() => {
    now.value = Date.now();
    const ticking = setInterval(() => {
      now.value = Date.now();
    }, 1_000);
    return () => clearInterval(ticking);
  }, []);
}
