/** Files dropped anywhere on the page, or on an element of it: a file that misses the drop zone must not replace the page. */
import { useEffect, useState } from 'preact/hooks';

/**
 * @param target the window, or the element
 * @param onSeveral called where several files are dropped at once, since one import is one file
 * @returns whether files are being dragged over the page
 */
export function useDropAnywhere(
  target: EventTarget,
  onFile: (file: File) => void,
  onSeveral: () => void,
): boolean {
  const [depth, setDepth] = useState(0);
  useEffect(() => {
    const enter = (event: Event): void => {
      if (hasFiles(event)) setDepth((value) => value + 1);
    };
    const leave = (event: Event): void => {
      if (hasFiles(event)) setDepth((value) => Math.max(value - 1, 0));
    };
    const hover = (event: Event): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: Event): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      const files = event.dataTransfer?.files;
      const file = files?.[0];
      if (files !== undefined && files.length > 1) onSeveral();
      else if (file !== undefined) onFile(file);
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: hover, drop };
    for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) target.removeEventListener(name, listener);
    };
  }, [target, onFile, onSeveral]);
  return depth > 0;
}

function hasFiles(event: Event): event is DragEvent {
  return event instanceof DragEvent && (event.dataTransfer?.types.includes('Files') ?? false);
}
