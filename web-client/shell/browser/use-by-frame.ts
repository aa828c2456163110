import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

/** The value as it was at the last frame: however often it changes, it is drawn once. A tab that nobody sees draws each: it has no frames. */
export function useByFrame<Value>(source: ReadonlySignal<Value>): Value {
  const [value, setValue] = useState(() => source.peek());
  useEffect(() => {
    let frame = 0;
    const take = (): void => {
      cancelAnimationFrame(frame);
      frame = 0;
      setValue(() => source.peek());
    };
    const stop = source.subscribe(() => {
      if (document.hidden) take();
      else if (frame === 0) frame = requestAnimationFrame(take);
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [source]);
  return value;
}
