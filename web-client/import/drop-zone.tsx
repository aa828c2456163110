/** Where a file is dropped, and the plain input that does the same from the keyboard. */
import { FileInput } from '../shell/file-input.tsx';

interface DropZoneProps {
  /** Whether a file is being dragged over the page. */
  readonly over: boolean;
  readonly onFile: (file: File) => void;
}

export function DropZone({ over, onFile }: DropZoneProps) {
  return (
    <div class={over ? 'drop is-over' : 'drop'} data-testid="drop-zone">
      <svg class="drop-mark" viewBox="0 0 48 48" aria-hidden="true">
        <path d="M24 6v24m0 0-9-9m9 9 9-9" />
        <path d="M8 32v6a4 4 0 0 0 4 4h24a4 4 0 0 0 4-4v-6" />
      </svg>
      <p class="drop-title">{over ? 'Let go to look inside' : 'Drop a CSV file here'}</p>
      <div class="drop-input">
        <FileInput label="Choose a file" primary onFile={onFile} describedBy="limits" />
      </div>
    </div>
  );
}
