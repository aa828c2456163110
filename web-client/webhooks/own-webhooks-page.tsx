/** Where an owner has the ends of imports sent: endpoints are added, tried, given a new secret and deleted, and each delivery is seen. */
import { ProblemError } from '@tidings/client/index.ts';
import {
  type CreatedWebhook,
  MAX_WEBHOOK_URL,
  MAX_WEBHOOKS_PER_OWNER,
} from '@tidings/contracts/owners/webhooks.ts';
import { useId, useRef, useState } from 'preact/hooks';
import { ActionButton } from '../shell/components/action-button.tsx';
import { ProblemNote } from '../shell/components/problem-note.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { Heading } from '../shell/frame/heading.tsx';
import { explainError } from '../shell/services/explain.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { useClock } from '../support/clock.ts';
import '../support/orders/orders.css';
import { useWebhooks } from '../support/orders/use-webhooks.ts';
import { formatCount } from '../words/format/format.ts';
import { ownWebhookWords } from '../words/support-words.ts';
import { problemWords, siteWords } from '../words/words.ts';
import { type AddressFault, faultAfter, faultBefore } from './address-fault.ts';
import { OwnWebhook, type OwnWebhooksApi } from './own-webhook.tsx';
import './own-webhooks.css';

export function OwnWebhooksPage({ api }: { api: OwnWebhooksApi }) {
  useClock();
  const webhooks = useWebhooks(api, explainError);
  const { items, problem, reload } = webhooks;
  const [created, setCreated] = useState<CreatedWebhook | null>(null);
  const onSecret = (next: CreatedWebhook): void => {
    setCreated(next);
    announce(ownWebhookWords.secretOf(next.url));
    reload();
  };
  return (
    <>
      <Heading>{ownWebhookWords.title}</Heading>
      <p class="lead">{ownWebhookWords.lead}</p>
      <AddWebhook api={api} onAdded={onSecret} />
      {created !== null && <Secret created={created} />}
      {problem !== null && (
        <ProblemNote problem={problem} note={problem.retriable ? problemWords.asksAgain : null} />
      )}
      {items === null && problem === null && <p class="soft">{siteWords.loading}</p>}
      {items?.length === 0 && (
        <div class="card empty own-webhooks" data-testid="no-own-webhooks">
          <h2>{ownWebhookWords.none}</h2>
        </div>
      )}
      {items !== null && items.length > 0 && (
        <ul class="bulk-list own-webhooks">
          {items.map((read) => (
            <li key={read.webhook.id} class="bulk-item is-plain" data-testid="own-webhook">
              <OwnWebhook
                {...{ read, webhooks, api, onSecret }}
                onDeleted={() => {
                  if (created?.id === read.webhook.id) setCreated(null);
                  reload();
                }}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface AddWebhookProps {
  readonly api: OwnWebhooksApi;
  readonly onAdded: (created: CreatedWebhook) => void;
}

function AddWebhook({ api, onAdded }: AddWebhookProps) {
  const [url, setUrl] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<AddressFault | null>(null);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const refuse = (why: AddressFault): void => {
    setFault(why);
    field.current?.focus();
  };
  const add = async (): Promise<void> => {
    if (busy) return;
    const address = url.trim();
    const before = faultBefore(address);
    setProblem(null);
    if (before !== null) {
      refuse(before);
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      onAdded(await api.createWebhook(address));
      setUrl('');
    } catch (error) {
      const why = faultAfter(address, error);
      if (why !== null) refuse(why);
      else setProblem(explainRefusal(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="add-webhook"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label>
        {ownWebhookWords.address}
        <input
          ref={field}
          type="url"
          value={url}
          maxLength={MAX_WEBHOOK_URL}
          placeholder="https://…"
          aria-invalid={fault === null ? undefined : true}
          aria-describedby={fault === null ? undefined : id}
          onInput={({ currentTarget }) => {
            setUrl(currentTarget.value);
            setFault(null);
          }}
          data-testid="webhook-url"
        />
      </label>
      <ActionButton onClick={() => void add()} busy={busy} testId="add-webhook">
        {busy ? ownWebhookWords.adding : ownWebhookWords.add}
      </ActionButton>
      {fault !== null && (
        <p id={id} class="field-error" role="alert" data-testid="address-fault">
          {ownWebhookWords.faults[fault]}
        </p>
      )}
      {problem !== null && <ProblemNote problem={problem} />}
    </form>
  );
}

/** A conflict is that there are as many as may be. */
function explainRefusal(error: unknown): PageProblem {
  const problem = explainError(error);
  if (!(error instanceof ProblemError) || error.code !== 'state_conflict') return problem;
  const detail = ownWebhookWords.full(formatCount(MAX_WEBHOOKS_PER_OWNER));
  return { ...problem, detail, detailLanguage: undefined };
}

function Secret({ created: { url, secret } }: AddedWebhook) {
  return (
    <div class="callout own-webhooks" data-testid="webhook-secret">
      <p>
        <strong>{ownWebhookWords.secretOf(url)}</strong>
      </p>
      <p>
        <code>{secret}</code>
      </p>
      <p>{ownWebhookWords.secretOnce}</p>
    </div>
  );
}

interface AddedWebhook {
  readonly created: CreatedWebhook;
}
