/** The first rows of the file as the import will read them, and the button that starts the import or the reason why none can start. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { FileInput } from '../shell/file-input.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { previewWords, startWords } from '../words/words.ts';
import type { FilePreview } from './chosen-file.ts';

interface FilePreviewProps {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly preview: FilePreview;
  /** Why the file cannot be imported; null where it can. */
  readonly problem: PageProblem | null;
  readonly onStart: () => void;
  readonly onFile: (file: File) => void;
}

export function FilePreviewCard({ name, size, preview, problem, onStart, onFile }: FilePreviewProps) {
  const actions = useRef<HTMLParagraphElement>(null);
  // Before the next key can come.
  useLayoutEffect(() => actions.current?.querySelector<HTMLElement>(':is(button,input)')?.focus(), [name]);
  return (
    <section class="card" aria-labelledby="preview-title" data-testid="preview">
      <h2 id="preview-title" class="file-name">
        {name}
      </h2>
      <p class="soft">{previewWords.file(size, preview.delimiter, preview.header.length)}</p>
      {problem !== null && <ProblemNote problem={problem} />}
      <PreviewTable preview={preview} />
      <p class="actions" ref={actions}>
        {problem === null && (
          <button type="button" class="button is-primary" onClick={onStart} data-testid="start-import">
            {previewWords.start}
          </button>
        )}
        <FileInput label={startWords.chooseAnotherFile} primary={problem !== null} onFile={onFile} />
      </p>
    </section>
  );
}

/** The keyboard must reach a region that scrolls. */
const scrollable = { tabIndex: 0 };

function PreviewTable({ preview }: { preview: FilePreview }) {
  const { header, rows } = preview;
  return (
    <section class="scroller" aria-label={previewWords.rows} {...scrollable}>
      <table class="preview">
        <caption>{rows.length === 0 ? previewWords.captionWithoutRows : previewWords.caption}</caption>
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
