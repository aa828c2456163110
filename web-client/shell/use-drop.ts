/** Files dropped anywhere on the page: a file that misses the drop zone must not replace the page. */
import { useEffect, useState } from 'preact/hooks';

/**
 * @param onSeveral called where several files are dropped at once, since one import is one file
 * @returns whether files are being dragged over the page
 */
export function useDropAnywhere(onFile: (file: File) => void, onSeveral: () => void): boolean {
  const [depth, setDepth] = useState(0);
  useEffect(() => {
    const enter = (event: DragEvent): void => {
      if (hasFiles(event)) setDepth((value) => value + 1);
    };
    const leave = (event: DragEvent): void => {
      if (hasFiles(event)) setDepth((value) => Math.max(value - 1, 0));
    };
    const hover = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      const files = event.dataTransfer?.files;
      const file = files?.[0];
      if (files !== undefined && files.length > 1) onSeveral();
      else if (file !== undefined) onFile(file);
    };
    addEventListener('dragenter', enter);
    addEventListener('dragleave', leave);
    addEventListener('dragover', hover);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragenter', enter);
      removeEventListener('dragleave', leave);
      removeEventListener('dragover', hover);
      removeEventListener('drop', drop);
    };
  }, [onFile, onSeveral]);
  return depth > 0;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
