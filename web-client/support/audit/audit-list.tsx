/** The audit as a list, with what is looked for above it. Draws what it is given. */
import { type AuditItem, auditActions } from '@tidings/contracts/services/support.ts';
import { useRef } from 'preact/hooks';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { auditWords, listWords } from '../../words/support-words.ts';
import { problemWords } from '../../words/words.ts';
import { listAddress } from '../list/list-query.ts';
import { storyAddress } from '../story-address.ts';
import { Ago } from '../time.tsx';
import { useMore } from '../use-more.ts';
import { useTyped } from '../use-typed.ts';
import './audit.css';
import { type AuditAsked, asksForAll, givers } from './audit-query.ts';

interface AuditListProps {
  /** null until the first answer. */
  readonly items: readonly AuditItem[] | null;
  readonly hasMore: boolean;
  readonly problem: PageProblem | null;
  readonly query: AuditAsked;
  /** `typedIn`: the field that was typed in; undefined where something was chosen. */
  readonly onQuery: (query: AuditAsked, typedIn?: keyof AuditAsked) => void;
  readonly onOlder: () => void;
}

export function AuditList({ items, hasMore, problem, query, onQuery, onOlder }: AuditListProps) {
  const list = useRef<HTMLUListElement>(null);
  const keys = (items ?? []).map(({ at, action, target }) => `${at} ${action} ${target}`);
  const more = useMore(list, { keys, count: keys.length, hasMore });
  return (
    <>
      <div class="support-head">
        <Heading>{auditWords.title}</Heading>
      </div>
      <p class="soft support-note">{auditWords.lead}</p>
      <AuditSearch query={query} onQuery={onQuery} />
      {problem !== null && (
        <ProblemNote problem={problem} note={problem.retriable ? problemWords.asksAgain : null} />
      )}
      {items === null && problem === null && <p class="soft">{listWords.loading}</p>}
      {items?.length === 0 && (
        <div class="card empty" data-testid="audit-empty">
          <h2>{asksForAll(query) ? auditWords.none : auditWords.noneFound}</h2>
        </div>
      )}
      {items !== null && items.length > 0 && (
        <ul ref={list} class="audit-list" aria-label={auditWords.title}>
          {items.map((item, index) => (
            <Entry key={`${item.at} ${item.action} ${item.target} ${items.length - index}`} item={item} />
          ))}
        </ul>
      )}
      {hasMore && (
        <p class="support-more">
          <ActionButton
            onClick={() => {
              more();
              onOlder();
            }}
          >
            {auditWords.older}
          </ActionButton>
        </p>
      )}
    </>
  );
}

function AuditSearch({ query, onQuery }: Pick<AuditListProps, 'query' | 'onQuery'>) {
  const [q, setQ] = useTyped(query.q, (text) => onQuery({ ...query, q: text }, 'q'));
  return (
    <search class="support-search">
      <label>
        {auditWords.search}
        <input type="search" value={q} maxLength={200} onInput={setQ} data-testid="audit-search" />
      </label>
      <label>
        {auditWords.action}
        <select
          value={query.action ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onQuery({ ...query, action: auditActions.find((name) => name === value) ?? null })
          }
          data-testid="audit-action"
        >
          <option value="">{auditWords.anything}</option>
          {auditActions.map((name) => (
            <option key={name} value={name}>
              {auditWords.actions[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {auditWords.who}
        <select
          value={query.who ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onQuery({ ...query, who: givers.find((name) => name === value) ?? null })
          }
          data-testid="audit-who"
        >
          <option value="">{auditWords.anyone}</option>
          {givers.map((name) => (
            <option key={name} value={name}>
              {auditWords.givers[name]}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function Entry({ item }: { item: AuditItem }) {
  const { at, who, reason } = item;
  const action = auditActions.find((name) => name === item.action);
  const giver = givers.find((name) => name === who);
  return (
    <li class="audit-entry" data-testid="audit-entry">
      <span class="soft">
        <Ago at={at} />
      </span>
      <span>
        <strong>{action === undefined ? item.action : auditWords.actions[action]}</strong>
        {' · '}
        <span class="soft">{giver === undefined ? who : auditWords.givers[giver]}</span>
      </span>
      <Target item={item} />
      <span>{reason === '' ? <span class="soft">{auditWords.noReason}</span> : reason}</span>
    </li>
  );
}

/** What was acted on leads to where it is shown. */
function Target({ item: { target, importId } }: { item: AuditItem }) {
  const owner = target.startsWith('owner/') ? target.slice('owner/'.length) : null;
  const address = importId !== undefined ? storyAddress(importId) : owner && listAddress({ owner });
  return <span class="audit-target">{address ? <a href={address}>{target}</a> : <code>{target}</code>}</span>;
}
