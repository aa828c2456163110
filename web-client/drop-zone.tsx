/** Where a file is dropped, and the plain input that does the same from the keyboard. */
import { useEffect, useState } from 'preact/hooks';

interface DropZoneProps {
  readonly onFile: (file: File) => void;
  /** Several files at once: one import is one file. */
  readonly onSeveral: () => void;
}

export function DropZone({ onFile, onSeveral }: DropZoneProps) {
  const over = useDropAnywhere(onFile, onSeveral);
  return (
    <div class={over ? 'drop is-over' : 'drop'} data-testid="drop-zone">
      <svg class="drop-mark" viewBox="0 0 48 48" aria-hidden="true">
        <path d="M24 6v24m0 0-9-9m9 9 9-9" />
        <path d="M8 32v6a4 4 0 0 0 4 4h24a4 4 0 0 0 4-4v-6" />
      </svg>
      <p class="drop-title">{over ? 'Let go to look inside' : 'Drop a CSV file here'}</p>
      <p class="drop-input">
        <label for="file">or choose a file</label>
        <input
          id="file"
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
          aria-describedby="limits"
          data-testid="file-input"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            // The same file may be picked again after it was changed.
            event.currentTarget.value = '';
            if (file !== undefined) onFile(file);
          }}
        />
      </p>
    </div>
  );
}

/** The whole window takes the file: one that misses the zone must not replace the page. */
function useDropAnywhere(onFile: (file: File) => void, onSeveral: () => void): boolean {
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
