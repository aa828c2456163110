/** The HTTP routes of imports and contacts. Who may see what is decided here, in one place for each resource. */

import type { ContactStore, ProjectedImport } from '@tidings/contact-store/contact-store.ts';
import { type ContactPatch, MAX_CONTACT_ATTRIBUTES, MAX_CONTACT_BYTES } from '@tidings/contracts/contact.ts';
import { hasEnded, type ImportState } from '@tidings/contracts/import.ts';
import { contactPatchSchema } from '@tidings/contracts/schemas/contact.ts';
import { listContactsQuerySchema, listImportsQuerySchema } from '@tidings/contracts/schemas/http.ts';
import { toLine } from '@tidings/contracts/text.ts';
import {
  admitSender,
  authenticate,
  bearerOf,
  permitted,
  preferredWait,
} from '@tidings/service-kit/access/authenticate.ts';
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import type { RequestRates } from '@tidings/service-kit/access/rates.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { isOwnerName } from '@tidings/service-kit/access/user-tokens.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { Request, RequestHandler, Response, Router } from 'express';
import { validate as isUuid } from 'uuid';
import type { z } from 'zod';
import type { ImportReader } from '../imports/import-reader.ts';
import type { ReceivedUpload } from '../uploads/from-browser.ts';
import { senderOf } from '../uploads/places.ts';
import { ContactSearches } from './contact-search.ts';
import { LargeAnswers } from './large-answers.ts';
import { sendRejectedCsv } from './rejected-csv.ts';

/** Seconds after which asking again makes sense while an import runs; who does so stays at half of `RequestLimits.perMinute`. */
const RETRY_AFTER_SECONDS = 2;
/** Characters of a field's name that are told, at most. */
const MAX_FIELD_NAME = 200;

export interface RouteParts {
  readonly tokens: TokenAuthority;
  readonly ownerTokens: Pick<OwnerTokens, 'revoke'>;
  readonly rates: RequestRates;
  readonly contactStore: ContactStore;
  readonly reader: ImportReader;
  /** Receives an upload and leaves it in `response.locals.upload`. */
  readonly receiveUpload: RequestHandler;
  /** Default: as `SearchLimits` says. */
  readonly searches?: ContactSearches;
  /** Default: as `AnswerLimits` says. */
  readonly answers?: LargeAnswers;
}

export function createRoutes({
  tokens,
  rates,
  ownerTokens,
  contactStore,
  reader,
  receiveUpload,
  searches = new ContactSearches(contactStore),
  answers = new LargeAnswers(),
}: RouteParts): Router {
  const router = createRouter();
  const authenticated = authenticate(tokens, rates);
  const answerTo = (request: Request, response: Response) => {
    const bearer = bearerOf(response);
    if (bearer.kind === 'support') return bearer.kind;
    return senderOf(request, tokens.hasLogin ? bearer.owner : null);
  };

  router.post('/imports', admitSender(tokens, rates), receiveUpload, async (request, response) => {
    const upload = (response.locals as { upload: ReceivedUpload }).upload;
    const seconds = preferredWait(request);
    response.set('Location', `/imports/${upload.importId}`);
    if (seconds > 0) {
      response.set('Preference-Applied', `wait=${seconds}`);
      const found = await reader.findEnded(upload.importId, seconds * 1000);
      if (found !== null && hasEnded(found.state)) return void sendState(response.status(200), found.state);
    }
    response.status(202).set('Retry-After', String(RETRY_AFTER_SECONDS)).json(upload);
  });

  router.get('/imports', authenticated, async (request, response) => {
    const query = parse(listImportsQuerySchema, request.query);
    const bearer = bearerOf(response);
    const owner = bearer.kind === 'support' ? undefined : bearer.owner;
    response.json(await reader.list({ ...query, owner }));
  });

  router.get('/imports/:importId', authenticated, async (request, response) => {
    const importId = String(request.params.importId);
    const found = permittedImport(response, await reader.find(importId));
    const seconds = preferredWait(request);
    const waited = seconds > 0 ? await reader.findEnded(importId, seconds * 1000) : found;
    if (seconds > 0) response.set('Preference-Applied', `wait=${seconds}`);
    sendState(response, (waited ?? found).state);
  });

  router.get('/imports/:importId/rejected.csv', authenticated, async (request, response) => {
    const { state } = permittedImport(response, await reader.find(String(request.params.importId)));
    const onPart = answers.hold(response, answerTo(request, response));
    await sendRejectedCsv(response, contactStore, state.importId, state.fileName, onPart);
  });

  router.get('/contacts', authenticated, async (request, response) => {
    const query = parse(listContactsQuerySchema, request.query);
    const options = { ...query, owner: contactsOwner(response) };
    const left = signalOf(response);
    try {
      const isSearch = (query.query ?? '').trim() !== '';
      const page = isSearch
        ? await searches.search(options, left)
        : await answers.read(() => contactStore.listContacts(options));
      answers.sendJson(response, answerTo(request, response), page);
    } catch (error) {
      if (!left.aborted) throw error;
    }
  });

  router
    .route('/contacts/:id')
    .all(authenticated, (request, _response, next) =>
      next(isUuid(request.params.id) ? undefined : notFound()),
    )
    .get(async (request, response) => {
      sendContact(response, await contactStore.getContact(contactsOwner(response), request.params.id));
    })
    .patch(readJsonBody('256kb'), async (request, response) => {
      const patch = parse(contactPatchSchema, request.body ?? {});
      const changed = contactStore.patchContact(contactsOwner(response), request.params.id, patch);
      sendContact(response, await changed.catch((error) => refuseTooLarge(error, patch)));
    })
    .delete(async (request, response) => {
      if (!(await contactStore.deleteContact(contactsOwner(response), request.params.id))) throw notFound();
      response.status(204).end();
    });

  router.delete('/owners/:owner/tokens', authenticated, async (request, response) => {
    if (bearerOf(response).kind !== 'support') throw notFound();
    const { owner } = request.params;
    if (!isOwnerName(owner))
      throw new Problem('invalid_request', 'An owner is 1 to 255 printable characters.', { field: 'owner' });
    await ownerTokens.revoke(owner);
    response.status(204).end();
  });
  return router;
}

/** Aborted when the client leaves. */
function signalOf(response: Response): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  if (response.closed) left.abort();
  return left.signal;
}

function permittedImport(response: Response, found: ProjectedImport | null): ProjectedImport {
  return permitted(bearerOf(response), found, ({ state }) => state.channelId);
}

/** Contacts belong to owners; the support token has none of its own. */
function contactsOwner(response: Response): string {
  const bearer = bearerOf(response);
  if (bearer.kind === 'support') throw notFound();
  return bearer.owner;
}

function sendState(response: Response, state: ImportState): void {
  response.set('ETag', `"${state.version}${state.reconciled === null ? '' : '-reconciled'}"`);
  if (!hasEnded(state)) response.set('Retry-After', String(RETRY_AFTER_SECONDS));
  response.json(state);
}

function sendContact(response: Response, contact: unknown): void {
  if (contact === null) throw notFound();
  response.json(contact);
}

/** Of a patch's fields only attributes may be large. @throws Problem invalid_request, or the error as it is */
function refuseTooLarge(error: unknown, patch: ContactPatch): never {
  if ((error as { code?: unknown }).code !== 'contact_too_large') throw error;
  const field = patch.attributes === undefined ? Object.keys(patch)[0] : 'attributes';
  const message = `The contact would be larger than ${MAX_CONTACT_BYTES / 1024} KiB, or have more than ${MAX_CONTACT_ATTRIBUTES} attributes.`;
  throw new Problem('invalid_request', message, { field });
}

/** @throws Problem invalid_request, naming the first field that does not fit */
function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // A name within `attributes` is what was sent.
  const field = toLine(issue?.path.join('.') ?? '', MAX_FIELD_NAME) || undefined;
  throw new Problem(
    'invalid_request',
    `${field === undefined ? '' : `\`${field}\`: `}${issue?.message ?? 'not valid'}.`,
    { field },
  );
}
