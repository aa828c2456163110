/** Where an owner has the ends of imports sent: endpoints are added, tried, given a new secret and deleted, and each delivery is seen. */
import { type CreatedWebhook, MAX_WEBHOOK_URL } from '@tidings/contracts/webhooks.ts';
import { useState } from 'preact/hooks';
import { ActionButton } from '../shell/action-button.tsx';
import { announce } from '../shell/announcer.ts';
import { explainError } from '../shell/explain.ts';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useClock } from '../support/clock.ts';
import '../support/orders/orders.css';
import { useRepeated } from '../support/use-repeated.ts';
import { ownWebhookWords } from '../words/support-words.ts';
import { problemWords, siteWords } from '../words/words.ts';
import { OwnWebhook, type OwnWebhooksApi } from './own-webhook.tsx';
import './own-webhooks.css';

export function OwnWebhooksPage({ api }: { api: OwnWebhooksApi }) {
  useClock();
  const { value, problem, reload } = useRepeated(api.listWebhooks, explainError);
  const [created, setCreated] = useState<CreatedWebhook | null>(null);
  const onSecret = (next: CreatedWebhook): void => {
    setCreated(next);
    announce(ownWebhookWords.secretOf(next.url));
    reload();
  };
  const items = value?.items ?? null;
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
          {items.map((webhook) => (
            <li key={webhook.id} class="bulk-item is-plain" data-testid="own-webhook">
              <OwnWebhook
                {...{ webhook, api, onSecret, onChanged: reload }}
                onDeleted={() => {
                  if (created?.id === webhook.id) setCreated(null);
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
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const add = async (): Promise<void> => {
    if (busy || url.trim() === '') return;
    setBusy(true);
    setProblem(null);
    try {
      onAdded(await api.createWebhook(url.trim()));
      setUrl('');
    } catch (error) {
      setProblem(explainError(error));
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
          type="url"
          value={url}
          maxLength={MAX_WEBHOOK_URL}
          placeholder="https://…"
          onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          data-testid="webhook-url"
        />
      </label>
      <ActionButton onClick={() => void add()} busy={busy} testId="add-webhook">
        {busy ? ownWebhookWords.adding : ownWebhookWords.add}
      </ActionButton>
      {problem !== null && <ProblemNote problem={problem} />}
    </form>
  );
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
