/**
 * Every sample of the gallery of states is one that the services could send. Pictures of the pages said “250 of 40 rows left to fix”, and
 * two of the rows that the same page listed were not counted by it.
 */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import { hasEnded, type ImportState, isAtRest, rowsReported } from '@tidings/contracts/imports/import.ts';
import { afterAll, describe, expect, it } from 'vitest';
import type { ContactsApi } from '../contacts/contacts-list.ts';
import type { ImportView } from '../following/view/import-view.ts';
import type { ImportActions } from '../import/place/import-actions.ts';
import { checkStates } from '../states/check-states.tsx';
import { contactsStates } from '../states/contacts-states.tsx';
import { endedStates } from '../states/ended-states.tsx';
import { runStates } from '../states/run-states.tsx';
import { servicesPageStates } from '../states/services-states.tsx';
import { startStates } from '../states/start-states.tsx';
import { storyStates } from '../states/story-states.tsx';
import { supportPageStates } from '../states/support-states.tsx';
import { webhooksStates } from '../states/webhooks-states.tsx';
import { now } from '../support/clock.ts';
import type { ListPageProps } from '../support/list/list-page.tsx';
import type { StoryPageProps } from '../support/one/story-page.tsx';
import type { OwnWebhooksApi } from '../webhooks/own-webhook.tsx';
import {
  areInOrder,
  broken,
  contactFaults,
  fits,
  previewFaults,
  stateFaults,
  storyFaults,
  viewFaults,
  webhookFaults,
} from './sample-faults.ts';

const states = {
  ...{ ...startStates, ...checkStates, ...runStates, ...endedStates, ...contactsStates, ...webhooksStates },
  ...{ ...supportPageStates, ...storyStates, ...servicesPageStates },
};

type Anything = Record<string, unknown>;
type Has<Shape> = (found: Anything) => found is Anything & Shape;
const has = <Shape>(...names: readonly string[]): Has<Shape> =>
  ((found: Anything) => names.every((name) => name in found)) as Has<Shape>;

const isState = has<ImportState>('importId', 'rows', 'chunks', 'acceptedAt');
const isView = has<ImportView>('connection', 'upload', 'state', 'stateAt');
const isPreview = has<ImportPreview>('forecast', 'columns');
const isContact = has<Contact>('writtenEmail', 'timeZone');
const isCheck = has<{ file: { size: number }; view: { preview: ImportPreview | null } }>('file', 'onStart');
const isRun = has<{ view: ImportView; actions: ImportActions }>('view', 'actions');
const isContactsPage = has<{ api: ContactsApi }>('api', 'explain');
const isWebhooksPage = has<{ api: OwnWebhooksApi }>('api');
const isList = has<ListPageProps>('table', 'services');
const isStory = has<StoryPageProps>('chunks', 'orders', 'state');
const isEarlier = has<{ imports: readonly ImportState[]; answeredAt: number | null }>(
  'imports',
  'answeredAt',
);

/** All objects that the state is drawn with, each once. */
function objectsOf(drawn: unknown): Anything[] {
  const found = new Set<Anything>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || found.has(value as Anything)) return;
    if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
      for (const one of value) look(one);
      return;
    }
    found.add(value as Anything);
    // Names with `__` are what Preact keeps for itself.
    for (const [name, one] of Object.entries(value)) if (!name.startsWith('__')) look(one);
  };
  look([drawn]);
  return [...found];
}

/** Who is judged, and how. */
type Judge = (found: Anything) => Promise<string[]> | string[] | null;
function judge<Shape>(
  is: Has<Shape>,
  faults: (found: Anything & Shape) => Promise<string[]> | string[],
): Judge {
  return (found) => (is(found) ? faults(found) : null);
}

const judges: readonly Judge[] = [
  judge(isState, stateFaults),
  judge(isView, viewFaults),
  judge(isPreview, previewFaults),
  judge(isContact, contactFaults),
  judge(isCheck, ({ file, view }) => checkFaults(file.size, view.preview)),
  judge(isRun, ({ view, actions }) => runFaults(view.state, actions)),
  judge(isContactsPage, ({ api }) => contactsPageFaults(api)),
  judge(isList, listFaults),
  judge(isStory, ({ state, chunks }) => (state === null ? [] : storyFaults(state, chunks))),
  judge(isEarlier, ({ imports }) => earlierFaults(imports)),
  judge(isWebhooksPage, async ({ api }) =>
    (await api.listWebhooks()).items.flatMap((webhook) => webhookFaults(webhook, now.value)),
  ),
];

async function faultsOf(object: Anything): Promise<string[]> {
  for (const look of judges) {
    const faults = await look(object);
    if (faults !== null) return faults;
  }
  return [];
}

function checkFaults(size: number, preview: ImportPreview | null): string[] {
  // A workbook is compressed.
  if (preview === null || preview.sheet !== null) return [];
  return broken({ 'the file has the size of its rows': fits(size, preview.rowsRead, preview.estimatedRows) });
}

async function runFaults(state: ImportState | null, actions: ImportActions): Promise<string[]> {
  if (state === null) return [];
  const { rejected } = state.rows;
  const { undo } = state;
  const rules: Record<string, boolean> = {};
  if (hasEnded(state) && rejected > 0) {
    const access = await actions.openRejected('a.csv');
    const { items, nextCursor, left } = await access.list(null);
    const menders = await access.menders();
    const mended = menders.map(({ rows }) => rows.created + rows.updated + rows.unchanged + rows.duplicate);
    Object.assign(rules, {
      'rejected rows are as many as are counted': nextCursor === null && items.length === rejected,
      'what is left is not mended': left === rejected - mended.reduce((all, one) => all + one, 0),
      'mending imports mend this one': menders.every(({ mends }) => mends === state.importId),
      'rows are handed to imports that mend': menders.every(
        ({ importId, rows }) => items.filter(({ mendedBy }) => mendedBy === importId).length === rows.total,
      ),
      'rejected rows stand in the file': items.every(({ row }) => row <= (state.rows.total ?? 0)),
      ...(state.leftToMend === undefined
        ? {}
        : { 'what is left is what was told': state.leftToMend === left }),
    });
    for (const fault of menders.flatMap(stateFaults)) rules[`mending import: ${fault}`] = false;
  }
  if (undo !== null && undo.kept + undo.failed > 0) {
    const { items, nextCursor } = await actions.fetchKept(null);
    const of = (outcome: string) => items.filter((item) => item.outcome === outcome).length;
    rules['contacts that were kept are listed'] =
      nextCursor === null
        ? of('kept') === undo.kept && of('failed') === undo.failed
        : items.length < undo.kept + undo.failed;
  }
  return broken(rules);
}

async function contactsPageFaults(api: ContactsApi): Promise<string[]> {
  const page = await api.list('', null, new AbortController().signal, 'email').catch(() => null);
  if (page === null) return [];
  const { items, total, nextCursor } = page;
  return [
    ...broken({
      'more contacts follow where some are not shown': (nextCursor !== null) === items.length < (total ?? 0),
    }),
    ...items.flatMap(contactFaults),
  ];
}

function listFaults({ table, services }: ListPageProps): string[] {
  const listed = [...table.values()];
  const oldest = services?.view.oldestChunkAt ?? null;
  const waiting = (services?.view.groups ?? []).some(
    ({ service, oldestAt }) => service === 'importer' && oldestAt === oldest,
  );
  return broken({
    'each import is listed once': new Set(listed.map(({ state }) => state.importId)).size === listed.length,
    'nothing moves before it begins, or later than now': listed.every(
      ({ state, movedAt }) => movedAt >= Date.parse(state.acceptedAt) && movedAt <= now.value,
    ),
    'chunks wait of imports that run':
      oldest === null ||
      (waiting &&
        listed.some(
          ({ state }) =>
            !isAtRest(state) && rowsReported(state) < (state.rows.total ?? Number.POSITIVE_INFINITY),
        )),
  });
}

function earlierFaults(imports: readonly ImportState[]): string[] {
  return broken({
    'each import is listed once': new Set(imports.map(({ importId }) => importId)).size === imports.length,
    'the newest come first': areInOrder(...imports.map(({ acceptedAt }) => acceptedAt).reverse()),
  });
}

describe('the samples of the states', () => {
  const before = now.value;
  afterAll(() => {
    now.value = before;
  });

  it.each(Object.entries(states))('%s', async (_, draw) => {
    // Not at once: some states set the clock by which others are drawn.
    const faults = [];
    for (const object of objectsOf(draw())) faults.push(...(await faultsOf(object)));
    expect(faults).toEqual([]);
  });

  it('are looked into', () => {
    const all = Object.values(states).flatMap((draw) => objectsOf(draw()));
    for (const is of [isState, isView, isPreview, isContact, isCheck, isRun, isContactsPage, isList, isStory])
      expect(all.filter((object) => is(object)).length).toBeGreaterThan(2);
  });
});
