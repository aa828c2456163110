/** Which services and engines answer, since when, and how far each consumer group is behind. Draws what it is given. */
import type {
  EngineItem,
  ServiceCheck,
  ServiceInstance,
  ServiceItem,
} from '@tidings/contracts/services/services.ts';
import type { ComponentChildren } from 'preact';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { formatCount } from '../../words/format/format.ts';
import { joinSentences } from '../../words/format/sentences.ts';
import { healthWords, listWords } from '../../words/support-words.ts';
import { problemWords } from '../../words/words.ts';
import { KnownUntil, Lasting } from '../time.tsx';
import { GroupTable } from './group-table.tsx';
import './services.css';
import { countTroubles } from './troubles.ts';
import type { KnownServices } from './use-services.ts';

interface ServicesPageProps {
  readonly known: KnownServices | null;
  readonly problem: PageProblem | null;
}

export function ServicesPage({ known, problem }: ServicesPageProps) {
  return (
    <>
      <div class="support-head">
        <Heading>{healthWords.title}</Heading>
      </div>
      <p class="soft support-note">{healthWords.lead}</p>
      {problem !== null && <ProblemNote problem={problem} note={noteOf(problem, known)} />}
      {known === null ? (
        problem === null && <p class="soft">{listWords.loading}</p>
      ) : (
        <KnownUntil.Provider value={problem === null ? null : known.readAt}>
          {problem === null && <Verdict known={known} />}
          <Engines known={known} />
          <Services known={known} />
          <Part id="groups" title={healthWords.groups}>
            <GroupTable known={known} />
          </Part>
        </KnownUntil.Provider>
      )}
    </>
  );
}

/** What is shown below is what was known last. */
function noteOf({ retriable }: PageProblem, known: KnownServices | null): string | null {
  const notes = [
    ...(retriable ? [problemWords.asksAgain] : []),
    ...(known === null ? [] : [listWords.asOf(known.readAt)]),
  ];
  return joinSentences(notes) || null;
}

function Verdict({ known: { view } }: { known: KnownServices }) {
  const troubles = countTroubles(view);
  return (
    <p class={troubles === 0 ? 'callout support-note' : 'callout is-warn support-note'} data-testid="verdict">
      <strong>{troubles === 0 ? healthWords.allWell : healthWords.troubles(formatCount(troubles))}</strong>
    </p>
  );
}

function Part({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section class="card health-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

function Engines({ known: { view, shift } }: { known: KnownServices }) {
  return (
    <Part id="engines" title={healthWords.engines}>
      <ul class="health-list">
        {view.engines.map((engine) => (
          <li key={engine.name} data-testid={`engine-${engine.name}`}>
            <p class="health-line">
              <Dot tone={engine.ready ? 'good' : 'bad'} />
              <strong>{healthWords.engineNames[engine.name]}</strong>
              <EngineState engine={engine} shift={shift} />
            </p>
            {engine.reason !== undefined && <Reason>{engine.reason}</Reason>}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function EngineState({ engine: { ready, since }, shift }: { engine: EngineItem; shift: number }) {
  return (
    <span class={ready ? 'soft' : 'is-bad-text'}>
      {ready ? healthWords.answers : healthWords.away} {healthWords.since}{' '}
      <Lasting since={Date.parse(since) + shift} />
    </span>
  );
}

function Services({ known: { view, shift } }: { known: KnownServices }) {
  return (
    <Part id="services" title={healthWords.services}>
      <ul class="health-list">
        {view.services.map((item) => (
          <Service key={item.service} item={item} shift={shift} />
        ))}
      </ul>
    </Part>
  );
}

function Service({ item: { service, instances }, shift }: { item: ServiceItem; shift: number }) {
  const ready = instances.filter(({ status }) => status === 'ready').length;
  const isKnown = instances.length === 0 || instances.some(({ status }) => status !== 'unknown');
  return (
    <li data-testid={`service-${service}`}>
      <p class="health-line">
        <strong>{service}</strong>
        {isKnown && (
          <span class={instances.length === 0 ? 'is-bad-text' : 'soft'}>
            {instances.length === 0
              ? healthWords.nobody
              : healthWords.readyOf(formatCount(ready), formatCount(instances.length))}
          </span>
        )}
      </p>
      <ul class="health-instances">
        {instances.map((instance) => (
          <Instance key={instance.instance} instance={instance} shift={shift} />
        ))}
      </ul>
    </li>
  );
}

const tones = { ready: 'good', degraded: 'warn', silent: 'bad', unknown: 'quiet' } as const;
/** What is not known is no fault of the process. */
const looks = { ready: '', degraded: 'is-bad-text', silent: 'is-bad-text', unknown: 'soft' } as const;

function Instance({ instance, shift }: { instance: ServiceInstance; shift: number }) {
  const { status, since, checks } = instance;
  return (
    <li>
      <p class="health-line">
        <Dot tone={tones[status]} />
        <span class={looks[status]} data-testid="instance-status">
          {healthWords.statuses[status]}
        </span>
        <span class="soft">
          {healthWords.since} <Lasting since={Date.parse(since) + shift} />
        </span>
        <code class="soft">{instance.instance}</code>
      </p>
      {checks
        .filter(({ ready }) => !ready)
        .map((check) => (
          <FailingCheck key={check.name} check={check} shift={shift} />
        ))}
    </li>
  );
}

function FailingCheck({
  check: { name, reason = '', since },
  shift,
}: {
  check: ServiceCheck;
  shift: number;
}) {
  return (
    <Reason>
      {name}: {reason} · <Lasting since={Date.parse(since) + shift} />
    </Reason>
  );
}

function Dot({ tone }: { tone: 'good' | 'warn' | 'bad' | 'quiet' }) {
  return <span class={`dot is-${tone}`} aria-hidden="true" />;
}

/** What a program said of itself, which is English. */
function Reason({ children }: { children: ComponentChildren }) {
  return (
    <p class="health-reason soft" lang="en">
      {children}
    </p>
  );
}
