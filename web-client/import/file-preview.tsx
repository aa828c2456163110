/** The first rows of the file, as the import will read them, and the button that starts it, or why there is none. */
import { useEffect, useRef } from 'preact/hooks';
import { FileInput } from '../shell/file-input.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { formatBytes } from '../words/format.ts';
import { delimiterWords, type FilePreview } from './chosen-file.ts';

interface FilePreviewProps {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly preview: FilePreview;
  /** Why it cannot be imported; null where it can. */
  readonly problem: PageProblem | null;
  readonly onStart: () => void;
  readonly onFile: (file: File) => void;
}

export function FilePreviewCard({ name, size, preview, problem, onStart, onFile }: FilePreviewProps) {
  const actions = useRef<HTMLParagraphElement>(null);
  useEffect(() => actions.current?.querySelector<HTMLElement>('button, input')?.focus(), [name]);
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
      {problem !== null && <ProblemNote problem={problem} />}
      <PreviewTable preview={preview} />
      <p class="actions" ref={actions}>
        {problem === null && (
          <button type="button" class="button is-primary" onClick={onStart} data-testid="start-import">
            Start import
          </button>
        )}
        <FileInput label="Choose another file" primary={problem !== null} onFile={onFile} />
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
