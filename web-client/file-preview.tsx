/** The first rows of the file, as the import will read them, and the button that starts it. */
import { useEffect, useRef } from 'preact/hooks';
import { formatBytes } from './format.ts';
import { delimiterWords, type FilePreview } from './picked-file.ts';

interface FilePreviewProps {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly preview: FilePreview;
  readonly onStart: () => void;
  readonly onDiscard: () => void;
}

export function FilePreviewCard({ name, size, preview, onStart, onDiscard }: FilePreviewProps) {
  const start = useRef<HTMLButtonElement>(null);
  useEffect(() => start.current?.focus(), [name]);
  const columns = preview.header.length;
  return (
    <section class="card" aria-labelledby="preview-title" data-testid="preview">
      <h2 id="preview-title" class="file-name">
        {name}
      </h2>
      <p class="soft">
        {formatBytes(size)}, {delimiterWords[preview.delimiter]}, {columns}{' '}
        {columns === 1 ? 'column' : 'columns'}
      </p>
      <PreviewTable preview={preview} />
      <p class="actions">
        <button
          type="button"
          class="button is-primary"
          ref={start}
          onClick={onStart}
          data-testid="start-import"
        >
          Start import
        </button>
        <button type="button" class="button" onClick={onDiscard} data-testid="discard-file">
          Choose another file
        </button>
      </p>
    </section>
  );
}

/** A region that scrolls must be reachable by keyboard. */
const scrollable = { tabIndex: 0 };

function PreviewTable({ preview }: { preview: FilePreview }) {
  const { header, rows } = preview;
  const caption =
    rows.length === 0 ? 'The file has a header and no rows yet' : `The header and the first rows of the file`;
  return (
    <section class="scroller" aria-label="First rows of the file" {...scrollable}>
      <table class="preview">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {header.map((cell, index) => (
              <th key={`${index}:${cell}`} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={`${number}:${row[0]}`}>
              {header.map((name, index) => (
                <td key={`${index}:${name}`}>{row[index] ?? ''}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
