/** The place where a file is dropped, and the file input that does the same from the keyboard. */
import { useId } from 'preact/hooks';
import { FileInput } from '../../shell/components/file-input.tsx';
import { startWords } from '../../words/words.ts';
import { usePlace } from '../place/place.ts';

interface DropZoneProps {
  /** Whether a file is being dragged over the page. */
  readonly over: boolean;
  /** Bytes of a file at most, as the server says; null while that is not known. */
  readonly mostBytes: number | null;
  readonly onFile: (file: File) => void;
}

export function DropZone({ over, mostBytes, onFile }: DropZoneProps) {
  const accepted = useId();
  const { sampleAddress } = usePlace();
  return (
    <>
      <div class={over ? 'drop is-over' : 'drop'} data-testid="drop-zone">
        <svg class="drop-mark" viewBox="0 0 48 48" aria-hidden="true">
          <path d="M24 6v24m0 0-9-9m9 9 9-9" />
          <path d="M8 32v6a4 4 0 0 0 4 4h24a4 4 0 0 0 4-4v-6" />
        </svg>
        <p class="drop-title">{over ? startWords.letGo : startWords.drop}</p>
        <FileInput label={startWords.chooseFile} primary onFile={onFile} describedBy={accepted} />
      </div>
      <p class="accepted">
        <span id={accepted}>{startWords.accepted(mostBytes)}</span>{' '}
        <a href={sampleAddress} download>
          {startWords.sample}
        </a>
      </p>
    </>
  );
}
