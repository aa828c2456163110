/** The start of an import: what it does, a place to drop the file, and the check of the file that was dropped. */
import './start.css';
import type { ComponentChildren } from 'preact';
import type { GivenUpImport } from '../../following/followed/followed-imports.ts';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import { lazyPage } from '../../shell/frame/lazy.tsx';
import { earlierWords, givenUpWords, startWords } from '../../words/words.ts';
import type { Choices } from '../check/choices.ts';
import type { ChosenFile } from '../check/chosen-file.ts';
import { DropZone } from './drop-zone.tsx';

export const loadCheck = () => import('../check/check-step.tsx');
const CheckStep = lazyPage(loadCheck);

interface ImportStartProps {
  readonly chosen: ChosenFile;
  /** Whether a file is being dragged over the page. */
  readonly over: boolean;
  /** Bytes of a file at most, as the server says; null while that is not known. */
  readonly mostBytes: number | null;
  /** The import that was given up just now. */
  readonly givenUp: GivenUpImport | null;
  readonly onFile: (file: File) => void;
  readonly onStart: (file: File, fields: Choices) => void;
  /** The earlier imports. They make way for the check of a file. */
  readonly children: ComponentChildren;
}

const EARLIER_ID = 'earlier-title';

export function ImportStart(props: ImportStartProps) {
  const { chosen, givenUp } = props;
  return (
    <>
      <Heading>{startWords.title}</Heading>
      {chosen.kind !== 'picked' && <p class="lead">{startWords.lead}</p>}
      {givenUp !== null && chosen.kind === 'none' && (
        <p class="callout" data-testid="given-up-note">
          {givenUpWords[givenUp.how](givenUp.fileName)}
        </p>
      )}
      {chosen.kind === 'refused' && <ProblemNote problem={chosen.problem} />}
      {chosen.kind === 'picked' ? (
        <CheckStep
          picked={chosen}
          onFile={props.onFile}
          onStart={(fields) => props.onStart(chosen.file, fields)}
        />
      ) : (
        <>
          <DropZone over={props.over} mostBytes={props.mostBytes} onFile={props.onFile} />
          <section class="earlier-imports" aria-labelledby={EARLIER_ID}>
            <h2 id={EARLIER_ID}>{earlierWords.title}</h2>
            {props.children}
          </section>
        </>
      )}
    </>
  );
}
