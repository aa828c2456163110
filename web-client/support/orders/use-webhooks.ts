/** Webhooks, and the deliveries of those that are looked at, read together: what is said of a webhook fits what its list shows. */
import { ProblemError } from '@tidings/client/index.ts';
import type { SupportApi } from '@tidings/client/support.ts';
import type { Webhook, WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { useCallback, useRef, useState } from 'preact/hooks';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { explainSupportError } from '../support-problem.ts';
import { type Repeated, useRepeated } from '../use-repeated.ts';
import { readWhole } from './use-list.ts';

export type WebhooksApi = Pick<SupportApi, 'listWebhooks' | 'listDeliveries'>;

export interface ReadWebhook {
  readonly webhook: Webhook;
  /** null where nobody looks at them, or they are not read yet. */
  readonly deliveries: readonly WebhookDelivery[] | null;
}

export interface ReadWebhooks extends Omit<Repeated<unknown>, 'value'> {
  /** null until the first answer. */
  readonly items: readonly ReadWebhook[] | null;
  readonly isOpen: (webhookId: string) => boolean;
  /** Whether the deliveries of a webhook are looked at. Reads at once. */
  readonly open: (webhookId: string, isOpen: boolean) => void;
}

/** @param explain says in words why it fails */
export function useWebhooks(
  api: WebhooksApi,
  explain: (error: unknown) => PageProblem = explainSupportError,
): ReadWebhooks {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const wanted = useRef(opened);
  const read = useCallback(() => readWebhooks(api, wanted.current), [api]);
  const { value, problem, reload } = useRepeated(read, explain);
  return {
    ...{ items: value, problem, reload },
    isOpen: (webhookId) => opened.has(webhookId),
    open: (webhookId, isOpen) => {
      const others = [...wanted.current].filter((id) => id !== webhookId);
      wanted.current = new Set(isOpen ? [...others, webhookId] : others);
      setOpened(wanted.current);
      reload();
    },
  };
}

/** @param opened ids of those whose deliveries are read, too */
export async function readWebhooks(
  api: WebhooksApi,
  opened: ReadonlySet<string>,
): Promise<readonly ReadWebhook[]> {
  const [{ items }, ...lists] = await Promise.all([
    api.listWebhooks(),
    ...[...opened].map(async (id) => ({ id, read: await readDeliveries(api, id) })),
  ]);
  return items.map((webhook) => {
    const read = lists.find(({ id }) => id === webhook.id)?.read;
    return { webhook: read?.webhook ?? webhook, deliveries: read?.deliveries ?? null };
  });
}

/**
 * How the webhook stands comes with its newest deliveries, in one answer: two answers may disagree. A service of an earlier release tells
 * the deliveries alone. null: the webhook is gone.
 */
async function readDeliveries(
  api: WebhooksApi,
  id: string,
): Promise<{ readonly webhook?: Webhook; readonly deliveries: readonly WebhookDelivery[] } | null> {
  let webhook: Webhook | undefined;
  try {
    const { items } = await readWhole(async (page) => {
      const answer = await api.listDeliveries(id, page);
      webhook ??= answer.webhook;
      return answer;
    });
    return { webhook, deliveries: items };
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw error;
  }
}
