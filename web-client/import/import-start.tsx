/** The start of an import: what it does, what a file must be, a place to drop the file, and its first rows. */
import './start.css';
import type { GivenUpImport } from '../following/followed-imports.ts';
import type { RememberedImport } from '../following/remembered-imports.ts';
import { Heading } from '../shell/heading.tsx';
import { Marked } from '../shell/marked.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { givenUpWords, startWords } from '../words/words.ts';
import type { ChosenFile } from './chosen-file.ts';
import { DropZone, REQUIREMENTS_ID } from './drop-zone.tsx';
import { FilePreviewCard } from './file-preview.tsx';
import { RecentImports, type UnsentImport } from './recent-imports.tsx';

interface ImportStartProps {
  readonly chosen: ChosenFile;
  readonly recent: readonly RememberedImport[];
  readonly unsent: readonly UnsentImport[];
  /** Whether a file is being dragged over the page. */
  readonly over: boolean;
  /** Bytes of a file at most, as the server says; null while that is not known. */
  readonly mostBytes: number | null;
  /** The import that was given up just now. */
  readonly givenUp: GivenUpImport | null;
  readonly onFile: (file: File) => void;
  readonly onStart: () => void;
}

export function ImportStart(props: ImportStartProps) {
  const { chosen, givenUp } = props;
  return (
    <>
      <Heading>{startWords.title}</Heading>
      <p class="lead">{startWords.lead}</p>
      {givenUp !== null && chosen.kind === 'none' && (
        <p class="callout" data-testid="given-up-note">
          {givenUpWords[givenUp.how](givenUp.fileName)}
        </p>
      )}
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
          <Requirements mostBytes={props.mostBytes} />
        </>
      )}
      <RecentImports imports={props.recent} unsent={props.unsent} />
    </>
  );
}

function Requirements({ mostBytes }: { mostBytes: number | null }) {
  const { label, header, email, delimiters, encoding } = startWords.requirements;
  return (
    <ul class="requirements" id={REQUIREMENTS_ID} aria-label={label}>
      {[header, email, delimiters, encoding(mostBytes)].map((text) => (
        <li key={text}>
          <Marked text={text} />
        </li>
      ))}
    </ul>
  );
}
