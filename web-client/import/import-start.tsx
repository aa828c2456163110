/** The start of an import: what it does, what it takes, a place to drop the file, and its first rows. */

import type { RememberedImport } from '../following/remembered-imports.ts';
import { Heading } from '../shell/heading.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import type { ChosenFile } from './chosen-file.ts';
import { DropZone } from './drop-zone.tsx';
import { FilePreviewCard } from './file-preview.tsx';
import { RecentImports, type UnsentImport } from './recent-imports.tsx';

interface ImportStartProps {
  readonly chosen: ChosenFile;
  readonly recent: readonly RememberedImport[];
  readonly unsent: readonly UnsentImport[];
  /** Whether a file is being dragged over the page. */
  readonly over: boolean;
  readonly onFile: (file: File) => void;
  readonly onStart: () => void;
}

export function ImportStart(props: ImportStartProps) {
  const { chosen } = props;
  return (
    <>
      <Heading>Import contacts</Heading>
      <p class="lead">
        Drop a file and watch every row find its place: created, updated, left as it was, or handed back to
        you with the reason.
      </p>
      {chosen.kind === 'refused' && <ProblemNote problem={chosen.problem} />}
      {chosen.kind === 'ready' || chosen.kind === 'unfit' ? (
        <FilePreviewCard
          name={chosen.file.name}
          size={chosen.file.size}
          preview={chosen.preview}
          problem={chosen.kind === 'unfit' ? chosen.problem : null}
          onStart={props.onStart}
          onFile={props.onFile}
        />
      ) : (
        <>
          <DropZone over={props.over} onFile={props.onFile} />
          <Limits />
        </>
      )}
      <RecentImports imports={props.recent} unsent={props.unsent} />
    </>
  );
}

function Limits() {
  return (
    <ul class="limits" id="limits" aria-label="What a file must be">
      <li>
        <b>CSV</b> with a header row
      </li>
      <li>
        an <b>e-mail</b> column
      </li>
      <li>
        <b>, ;</b> tab or <b>|</b> between cells
      </li>
      <li>
        <b>UTF-8</b>, up to <b>1 GiB</b>
      </li>
    </ul>
  );
}
