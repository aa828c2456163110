/** The address names an import that this browser has no token for: one of its owner's is opened, whichever browser has sent it. */
import type { ProblemError } from '@tidings/client/index.ts';
import { createSupportApi } from '@tidings/client/support.ts';
import { useEffect, useState } from 'preact/hooks';
import { Marked } from '../shell/components/marked.tsx';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { Heading } from '../shell/frame/heading.tsx';
import { explainError } from '../shell/services/explain.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { untilAnswered } from '../shell/services/until-answered.ts';
import { openWords, problemWords, startWords } from '../words/words.ts';
import { ImportLink } from './place/import-link.tsx';
import { type ImportPlace, usePlace } from './place/place.ts';

interface OpenImportProps {
  readonly importId: string;
  /** Called once the browser has a token of the import's channel. */
  readonly onOpened: () => void;
}

export default function OpenImport({ importId, onOpened }: OpenImportProps) {
  const place = usePlace();
  const [problem, setProblem] = useState<PageProblem | null>(null);
  useEffect(() => {
    const stopped = new AbortController();
    const { signal } = stopped;
    const onWait = (why: ProblemError): void => setProblem(explainError(why));
    untilAnswered(() => open(importId, place), { signal, onWait }).then(
      () => signal.aborted || onOpened(),
      (error: unknown) => {
        if (signal.aborted) return;
        setProblem(explainError(error));
        announce(openWords.title);
      },
    );
    return () => stopped.abort();
  }, []);
  return <OpeningImport importId={importId} problem={problem} />;
}

/** @throws ProblemError */
async function open(importId: string, { access, followed, checking }: ImportPlace): Promise<void> {
  const [state, credentials] = await access((api, token) =>
    Promise.all([
      api.getImport(importId),
      createSupportApi({ baseUrl: checking.apiUrl, token: () => token }).openImportChannel(importId),
    ]),
  );
  followed.remember(state, credentials);
}

/** @param problem why it is not open; null while nobody knows. What is worth another attempt is asked again */
export function OpeningImport({ importId, problem }: { importId: string; problem: PageProblem | null }) {
  if (problem === null || problem.retriable === true) {
    return (
      <>
        <Heading>{startWords.title}</Heading>
        {problem === null ? (
          <p class="lead" role="status">
            {openWords.looking}
          </p>
        ) : (
          <ProblemNote problem={problem} note={problemWords.asksAgain} />
        )}
      </>
    );
  }
  return (
    <>
      <Heading>{openWords.title}</Heading>
      <div class="callout" data-testid="no-token">
        <p>
          <Marked text={openWords.detail} slots={{ importId: <span class="file-name">{importId}</span> }} />
        </p>
        <p>
          <ImportLink to={null} class="button">
            {openWords.importFile}
          </ImportLink>
        </p>
      </div>
    </>
  );
}
