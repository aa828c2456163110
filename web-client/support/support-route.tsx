/** Support's pages with the real services behind them, for people who hold support's key. */
import { closeSupportSession, openSupportSession } from '@tidings/client/support.ts';
import { SESSION_BEARER } from '@tidings/contracts/services/support-session.ts';
import { useEffect, useState } from 'preact/hooks';
import { Marked } from '../shell/components/marked.tsx';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import { Heading } from '../shell/frame/heading.tsx';
import { useWords } from '../shell/frame/use-words.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { untilAnswered } from '../shell/services/until-answered.ts';
import { listWords, sectionWords, speakSupport } from '../words/support-words.ts';
import { documentTitles, siteWords } from '../words/words.ts';
import { AuditPage } from './audit/audit-page.tsx';
import { LiveServices } from './health/live-services.tsx';
import { LiveList } from './list/live-list.tsx';
import { LiveStory } from './one/live-story.tsx';
import { BlockedPage } from './orders/blocked-page.tsx';
import { LettersPage } from './orders/letters-page.tsx';
import { WebhooksPage } from './orders/webhooks-page.tsx';
import { forgetKey, forgetSession, hasSession, supportKey } from './support-key.ts';
import { SupportNav } from './support-nav.tsx';
import { explainKeyError } from './support-problem.ts';
import { storyAt, supportTitle } from './support-title.ts';
import './support.css';

interface SupportRouteProps {
  /** The rest of the path: '' for the list. */
  readonly place: string;
  readonly search: string;
}

export default function SupportRoute(props: SupportRouteProps) {
  const speaks = useWords(speakSupport);
  const problem = useExchange();
  const isOpen = hasSession.value && supportKey.value === null && problem === null;
  const title = isOpen ? supportTitle(props.place) : documentTitles.support;
  useEffect(() => {
    if (title !== null) document.title = title;
  }, [title]);
  if (!speaks || (supportKey.value !== null && problem === null))
    return <p class="soft">{siteWords.loading}</p>;
  if (problem !== null) return <Refused problem={problem} />;
  if (!hasSession.value) return <NoKey />;
  return (
    <>
      <SupportNav place={props.place} onLeave={() => void leave()} />
      <Place {...props} />
    </>
  );
}

function Place({ place, search }: SupportRouteProps) {
  const importId = storyAt(place);
  if (importId !== undefined) return <LiveStory key={importId} importId={importId} token={SESSION_BEARER} />;
  if (place === '/dead-letters') return <LettersPage token={SESSION_BEARER} />;
  if (place === '/blocked') return <BlockedPage token={SESSION_BEARER} />;
  if (place === '/webhooks') return <WebhooksPage token={SESSION_BEARER} />;
  if (place === '/services') return <LiveServices token={SESSION_BEARER} />;
  if (place === '/audit') return <AuditPage token={SESSION_BEARER} search={search} />;
  if (place === '') return <LiveList token={SESSION_BEARER} search={search} />;
  return <NoPlace />;
}

/** Exchanges the key of the address for a session. @returns why it was refused, or cannot be exchanged yet */
function useExchange(): PageProblem | null {
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const key = supportKey.value;
  useEffect(() => {
    if (key === null) return undefined;
    const leaving = new AbortController();
    const { signal } = leaving;
    setProblem(null);
    const exchange = () => openSupportSession({ token: () => key, signal });
    untilAnswered(exchange, { signal, onWait: (error) => setProblem(explainKeyError(error)) }).then(
      () => {
        setProblem(null);
        forgetKey(true);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        setProblem(explainKeyError(error));
        forgetKey(false);
      },
    );
    return () => leaving.abort();
  }, [key]);
  return problem;
}

/** The session ends here even where the server cannot be told: its cookie ends with its time. */
async function leave(): Promise<void> {
  await closeSupportSession().catch(() => undefined);
  forgetSession();
}

function Refused({ problem }: { problem: PageProblem }) {
  return (
    <div class="support-alone">
      <Heading>{listWords.title}</Heading>
      <ProblemNote problem={problem} />
    </div>
  );
}

/** The end of the support page’s address, which the server prints at its start. */
const TOKEN_ENDING = '#token=…';

function NoKey() {
  return (
    <div class="support-alone">
      <Heading>{listWords.title}</Heading>
      <p class="callout" data-testid="no-support-token">
        <Marked text={sectionWords.noKey} slots={{ ending: <code>{TOKEN_ENDING}</code> }} />
      </p>
    </div>
  );
}

function NoPlace() {
  const { title, detail, start } = siteWords.unknownPage;
  return (
    <div class="support-alone">
      <Heading>{title}</Heading>
      <p>
        <Marked text={detail} slots={{ start: <a href="/support">{start}</a> }} />
      </p>
    </div>
  );
}
