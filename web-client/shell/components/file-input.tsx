/** A file input that looks like a button, for people who do not drag files. */
import { useId } from 'preact/hooks';

interface FileInputProps {
  readonly label: string;
  readonly onFile: (file: File) => void;
  readonly primary?: boolean;
  /** Id of the element that describes what a file must be. */
  readonly describedBy?: string;
}

export function FileInput({ label, onFile, primary = false, describedBy }: FileInputProps) {
  const id = useId();
  return (
    <span class="file-input">
      <input
        id={id}
        class="unseen"
        type="file"
        accept=".csv,.tsv,.txt,.xlsx,text/csv,text/tab-separated-values"
        aria-describedby={describedBy}
        data-testid="file-input"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // The same file may be chosen again after it was changed.
          event.currentTarget.value = '';
          if (file !== undefined) onFile(file);
        }}
      />
      <label for={id} class={primary ? 'button is-primary' : 'button'}>
        {label}
      </label>
    </span>
  );
}
