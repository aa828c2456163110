/** The place where a file is dropped, and the file input that does the same from the keyboard. */
import { FileInput } from '../shell/file-input.tsx';
import { startWords } from '../words/words.ts';

/** Id of the list that tells what a file must be. */
export const REQUIREMENTS_ID = 'requirements';

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
      <p class="drop-title">{over ? startWords.letGo : startWords.drop}</p>
      <div class="drop-input">
        <FileInput label={startWords.chooseFile} primary onFile={onFile} describedBy={REQUIREMENTS_ID} />
      </div>
    </div>
  );
}
