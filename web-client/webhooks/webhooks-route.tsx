/** An owner's webhooks with the real services behind them. */
import { createSupportApi, type SupportApi } from '@tidings/client/support.ts';
import { withOwnerAccess } from '../following/owner-access.ts';
import { useWords } from '../shell/frame/use-words.ts';
import { speakSupport } from '../words/support-words.ts';
import { siteWords } from '../words/words.ts';
import type { OwnWebhooksApi } from './own-webhook.tsx';
import { OwnWebhooksPage } from './own-webhooks-page.tsx';

function call<Result>(work: (api: SupportApi) => Promise<Result>): Promise<Result> {
  return withOwnerAccess((_api, token) => work(createSupportApi({ token: () => token })));
}

const api: OwnWebhooksApi = {
  listWebhooks: () => call((own) => own.listWebhooks()),
  listDeliveries: (id, page) => call((own) => own.listDeliveries(id, page)),
  resendDelivery: (id, delivery) => call((own) => own.resendDelivery(id, delivery)),
  skipDelivery: (id, delivery) => call((own) => own.skipDelivery(id, delivery)),
  unblockWebhook: (id) => call((own) => own.unblockWebhook(id)),
  createWebhook: (url) => call((own) => own.createWebhook(url)),
  testWebhook: (id) => call((own) => own.testWebhook(id)),
  rotateWebhook: (id) => call((own) => own.rotateWebhook(id)),
  deleteWebhook: (id) => call((own) => own.deleteWebhook(id)),
};

export default function WebhooksRoute() {
  if (!useWords(speakSupport)) return <p class="soft">{siteWords.loading}</p>;
  return <OwnWebhooksPage api={api} />;
}
