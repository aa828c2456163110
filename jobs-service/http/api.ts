/** The HTTP API of imports and contacts: which handler answers which method at which address. */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { MAX_CONTACT_BYTES } from '@tidings/contracts/contacts/contact.ts';
import type { UploadLimits } from '@tidings/contracts/files/upload.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { admitSender, authenticate } from '@tidings/service-kit/access/authenticate.ts';
import { readReason } from '@tidings/service-kit/access/order-giver.ts';
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import type { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Router } from 'express';
import type { HealthMonitor } from '../health/health-monitor.ts';
import type { ImportReader } from '../imports/import-reader.ts';
import type { Orders } from '../orders/orders.ts';
import { previewImport } from '../previews/from-browser.ts';
import type { Countries } from '../reference/countries.ts';
import type { RequestDoor } from '../requests/request-door.ts';
import type { OwnerSettingsTable } from '../settings/owner-settings.ts';
import type { UploadReceiver } from '../uploads/receiving/from-browser.ts';
import { ContactSearches } from './contacts/contact-search.ts';
import { deleteContact } from './contacts/delete-contact.ts';
import { getContact } from './contacts/get-contact.ts';
import { contactsCsv } from './contacts/get-contacts-csv.ts';
import { listContacts } from './contacts/list-contacts.ts';
import { listDuplicates } from './contacts/list-duplicates.ts';
import { patchContact } from './contacts/patch-contact.ts';
import { getLimits } from './get-limits.ts';
import { HeldAnswers } from './held-answers.ts';
import { getImport } from './imports/following/get-import.ts';
import { postChannelTokens } from './imports/following/post-channel-tokens.ts';
import { postImport } from './imports/following/post-import.ts';
import { listEvents, listImportEvents } from './imports/lists/list-events.ts';
import { listImports } from './imports/lists/list-imports.ts';
import { listUndo } from './imports/lists/list-undo.ts';
import { listWarnings } from './imports/lists/list-warnings.ts';
import { cancelImport } from './imports/orders/cancel-import.ts';
import { undoImport } from './imports/orders/undo-import.ts';
import { rejectedCsv } from './imports/rejected/get-rejected-csv.ts';
import { rejectedXlsx } from './imports/rejected/get-rejected-xlsx.ts';
import { ignoreRejected } from './imports/rejected/ignore-rejected.ts';
import { importMended } from './imports/rejected/import-mended.ts';
import {
  getRejected,
  listRejected,
  MAX_MEND_BYTES,
  mendRow,
  mendRows,
} from './imports/rejected/mend-rejected.ts';
import { LargeAnswers } from './large-answers.ts';
import { supportOnly } from './order-giver.ts';
import { deleteOwner } from './owners/delete-owner.ts';
import { deleteOwnerTokens } from './owners/delete-owner-tokens.ts';
import { getOwnerExport } from './owners/get-owner-export.ts';
import { deleteCountry } from './reference/delete-country.ts';
import { getCountry } from './reference/get-country.ts';
import { listCountries } from './reference/list-countries.ts';
import { MAX_COUNTRY_BYTES, putCountry } from './reference/put-country.ts';
import { createRequestRouter } from './requests/request-routes.ts';
import { getSettings } from './settings/get-settings.ts';
import { MAX_SETTINGS_BYTES, putSettings } from './settings/put-settings.ts';
import { createSupportRouter } from './support/support-routes.ts';

export interface ApiParts {
  readonly log: EventLog;
  readonly tokens: TokenAuthority;
  readonly ownerTokens: Pick<OwnerTokens, 'revoke'>;
  readonly rates: RequestRates;
  readonly logger: Logger;
  /** Days for which an ended import can be undone. */
  readonly retentionDays: number;
  readonly contactStore: ContactStore;
  readonly reader: ImportReader;
  readonly orders: Orders;
  readonly uploadLimits: UploadLimits;
  readonly uploads: Omit<UploadReceiver, 'settled'>;
  /** Default: as `SearchLimits` says. */
  readonly searches?: ContactSearches;
  /** As of `DeleteOwnerParts`. */
  readonly erasureSettleMs?: number;
  /** Default: as `AnswerLimits` says. */
  readonly answers?: LargeAnswers;
  /** Default: 10,000 at once. */
  readonly heldAnswers?: HeldAnswers;
  /** Of workers that wait for requests; default: 10,000 at once. */
  readonly heldTakes?: HeldAnswers;
  /** As of `SessionParts`. */
  readonly isHttps?: boolean;
  readonly health: Pick<HealthMonitor, 'view'>;
  readonly countries: Countries;
  readonly settings: OwnerSettingsTable;
  /** null: no service answers requests. */
  readonly requestDoor: RequestDoor | null;
}

export function createApiRouter(parts: ApiParts): Router {
  const { log, logger, tokens, rates, contactStore, reader, orders, retentionDays } = parts;
  const { searches = new ContactSearches(contactStore), answers = new LargeAnswers() } = parts;
  const { heldAnswers = new HeldAnswers(), heldTakes = new HeldAnswers() } = parts;
  const authenticated = authenticate(tokens, rates);
  const router = createRouter();

  router.get('/limits', getLimits(parts.uploadLimits));

  const { uploads } = parts;
  const answerUpload = postImport(reader, heldAnswers);
  router.post('/imports', admitSender(tokens, rates), uploads.receive, answerUpload);
  router.get('/imports/upload', admitSender(tokens, rates), uploads.tellOffset);
  router.patch('/imports/upload', admitSender(tokens, rates), uploads.resume, answerUpload);
  router.post(
    '/imports/preview',
    admitSender(tokens, rates),
    previewImport({
      ...{ tokens, reader, contactStore, settings: parts.settings, countries: parts.countries.directory },
      maxBytes: parts.uploadLimits.maxBytes,
    }),
  );
  router.get('/imports', authenticated, listImports(reader));
  router.get('/imports/:importId', authenticated, getImport(reader, heldAnswers));
  router.post('/imports/:importId/channel-tokens', authenticated, postChannelTokens({ reader, tokens }));
  router.post('/imports/:importId/cancel', authenticated, readReason, cancelImport({ log, reader, orders }));
  router.post(
    '/imports/:importId/undo',
    authenticated,
    readReason,
    undoImport({ log, reader, orders, retentionDays }),
  );
  router.get('/imports/:importId/undo', authenticated, listUndo(reader, contactStore));
  router.get('/imports/:importId/warnings', authenticated, listWarnings(reader, contactStore));
  router.get('/imports/:importId/events', authenticated, listImportEvents({ log, reader, answers }));
  router.get('/events', authenticated, listEvents({ log, answers }));
  const rejectedFiles = { reader, contactStore, answers, tokens };
  router.get('/imports/:importId/rejected.csv', authenticated, rejectedCsv(rejectedFiles));
  router.get('/imports/:importId/rejected.xlsx', authenticated, rejectedXlsx(rejectedFiles));
  const mending = { reader, contactStore, countries: parts.countries.directory };
  const readMended = readJsonBody(MAX_MEND_BYTES);
  router.get('/imports/:importId/rejected', authenticated, listRejected(mending));
  router.get('/imports/:importId/rejected/:row', authenticated, getRejected(mending));
  router.patch('/imports/:importId/rejected', authenticated, readMended, mendRows(mending));
  router.patch('/imports/:importId/rejected/:row', authenticated, readMended, mendRow(mending));
  router.post('/imports/:importId/rejected/ignore', authenticated, ignoreRejected({ log, ...mending }, true));
  router.delete(
    '/imports/:importId/rejected/ignore',
    authenticated,
    ignoreRejected({ log, ...mending }, false),
  );
  router.post(
    '/imports/:importId/rejected/import',
    authenticated,
    importMended({ ...mending, tokens, heldAnswers, receiveRows: uploads.receiveRows }),
  );

  router.get('/contacts', authenticated, listContacts({ contactStore, searches, answers, tokens }));
  router.get('/contacts.csv', authenticated, contactsCsv({ contactStore, answers, tokens }));
  router.get('/contacts/duplicates', authenticated, listDuplicates(contactStore));
  router.get('/contacts/:contactId', authenticated, getContact(contactStore));
  router.patch('/contacts/:contactId', authenticated, readJsonBody(MAX_CONTACT_BYTES), patchContact(parts));
  router.delete('/contacts/:contactId', authenticated, deleteContact(contactStore));

  const { requestDoor } = parts;
  if (requestDoor !== null)
    router.use(createRequestRouter({ ...requestDoor, tokens, rates, heldAnswers, heldTakes }));

  router.use(createSupportRouter({ ...parts, authenticated }));

  router.get('/settings', authenticated, getSettings(parts.settings));
  router.put('/settings', authenticated, readJsonBody(MAX_SETTINGS_BYTES), putSettings(parts));

  const forSupport = [authenticated, supportOnly];
  router.get('/reference/countries', authenticated, listCountries(parts));
  router.get('/reference/countries/:code', authenticated, getCountry(parts));
  router.put('/reference/countries/:code', forSupport, readJsonBody(MAX_COUNTRY_BYTES), putCountry(parts));
  router.delete('/reference/countries/:code', forSupport, readReason, deleteCountry(parts));

  router.delete('/owners/:owner', forSupport, readReason, deleteOwner({ ...parts, logger }));
  router.get('/owners/:owner/export', forSupport, getOwnerExport({ ...parts, answers }));
  router.delete('/owners/:owner/tokens', forSupport, readReason, deleteOwnerTokens(parts));
  return router;
}
