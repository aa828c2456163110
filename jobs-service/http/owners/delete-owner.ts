/**
 * `DELETE /owners/{owner}`: support erases all that the database keeps of an owner, skips the owner's dead letters, and forgets the list of the
 * owner's channels. It also cancels what is scheduled for the channels, removes the owner's settings and webhooks, and takes the owner's tokens back.
 * A request works for some seconds, in small transactions. The same request again erases what is left, so neither a kill nor a lost answer harms.
 *
 * An import that this process does not see yet may run elsewhere. So the database first bars the uploads that have begun until now: it
 * takes nothing more of them, whoever brings it. The answer comes once no later upload can be taken for one of those.
 */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { addKeptRows, noKeptRows } from '@tidings/contact-store/kept-rows.ts';
import type { ErasedOwner } from '@tidings/contracts/owners/erased-owner.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { pause } from '@tidings/failures/retry.ts';
import { forgetOwnerChannels } from '@tidings/service-kit/access/owner-channels.ts';
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../imports/import-reader.ts';
import type { Orders } from '../../orders/orders.ts';
import { cancelScheduledOf } from '../../schedule/cancel-scheduled.ts';
import type { OwnerSettingsTable } from '../../settings/owner-settings.ts';
import { supportGiverFor } from '../order-giver.ts';
import { ownerOf } from './owner-parameter.ts';
import { removeWebhooks } from './webhooks-of-owner.ts';

/** Milliseconds for which one request erases; less than proxies wait. */
const WORK_MS = 10_000;
/** Milliseconds for which imports that have ended may take to be projected. One that the store refuses for good never is. */
const PROJECTION_WAIT_MS = 2_000;
/** Milliseconds for which the skipped dead letters may take to go. */
const SKIP_WAIT_MS = 5_000;
/** Milliseconds until no upload that begins has an id of before the erasure: the store allows for half of that between clocks. */
const SETTLE_MS = 4_000;
/** Rows of one transaction. */
const STEP_ROWS = 2_000;
/** Imports that a refusal names, at most. */
const NAMED_IMPORTS = 5;

export interface DeleteOwnerParts {
  readonly log: EventLog;
  readonly contactStore: Pick<ContactStore, 'barOwner' | 'eraseOwner'>;
  readonly reader: Pick<ImportReader, 'inLog' | 'untilProjected'>;
  readonly orders: Pick<Orders, 'skipOwner' | 'note'>;
  readonly ownerTokens: Pick<OwnerTokens, 'revoke'>;
  readonly settings: Pick<OwnerSettingsTable, 'erase'>;
  readonly tokens: Pick<TokenAuthority, 'mayPublish'>;
  readonly logger: Logger;
  /** Milliseconds between the bar and the answer, at least; default 4,000. */
  readonly erasureSettleMs?: number;
}

export function deleteOwner(parts: DeleteOwnerParts): RequestHandler {
  return async (request, response) => {
    const owner = ownerOf(request);
    const giver = supportGiverFor(request, 'erasure of the owner');
    await parts.orders.note('erase', `owner/${owner}`, giver);
    // From now on no upload is admitted. One that was admitted before is looked for again below.
    await parts.ownerTokens.revoke(owner);
    refuseWhileImportsRun(parts.reader.inLog(owner).running);
    await parts.contactStore.barOwner(owner);
    const settled = pause(parts.erasureSettleMs ?? SETTLE_MS);
    // Nobody may requeue them later: that would bring rows of the owner back.
    const letters = await parts.orders.skipOwner(owner, giver, SKIP_WAIT_MS);
    const channels = await forgetOwnerChannels(parts.log, owner);
    const settings = await parts.settings.erase(owner);
    const scheduled = await cancelScheduledOf(parts, owner);
    const webhooks = await removeWebhooks(parts.log, owner);
    await parts.reader.untilProjected(parts.reader.inLog(owner).atRest, PROJECTION_WAIT_MS);
    const erased = await erase(parts.contactStore, owner);
    await settled;
    refuseWhileImportsRun(parts.reader.inLog(owner).running);
    const answer = { ...erased, done: erased.done && letters.left === 0 };
    parts.logger.info(
      { owner, letters, channels, settings, scheduled, webhooks, ...answer },
      'data of an owner erased',
    );
    response.status(answer.done ? 200 : 202);
    if (!answer.done) response.set('Retry-After', '1');
    response.json(answer);
  };
}

function refuseWhileImportsRun(importIds: readonly string[]): void {
  if (importIds.length === 0) return;
  const named = importIds.slice(0, NAMED_IMPORTS).join(', ');
  const more = importIds.length > NAMED_IMPORTS ? ` and ${importIds.length - NAMED_IMPORTS} more` : '';
  throw new Problem(
    'state_conflict',
    `Imports of the owner run: ${named}${more}. Cancel them, wait for their end, and send the request again.`,
  );
}

async function erase(contactStore: Pick<ContactStore, 'eraseOwner'>, owner: string): Promise<ErasedOwner> {
  const endsAt = performance.now() + WORK_MS;
  const removed = noKeptRows();
  do {
    const hasRemoved = addKeptRows(removed, await contactStore.eraseOwner(owner, STEP_ROWS));
    if (!hasRemoved) return { done: true, removed: { ...removed } };
  } while (performance.now() < endsAt);
  return { done: false, removed: { ...removed } };
}
