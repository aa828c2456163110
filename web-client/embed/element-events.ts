/** What the element tells the page around it, as DOM events. */
import { hasEnded, type ImportState, type ImportStatus } from '@tidings/contracts/imports/import.ts';
import { type ImportView, isSentAgain } from '../following/view/import-view.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';

/** By the name of the event, what its `detail` holds. */
export interface ElementEvents {
  /** The server knows the import. */
  'tidings-started': ImportDetail;
  /** A newer state is known. */
  'tidings-progress': StateDetail;
  /** The import has come to its end. Told once more where it is then taken back (`undone`), or mended by another try. */
  'tidings-ended': StateDetail;
  /** The file was refused, or something else went wrong: the element shows it to the person. */
  'tidings-problem': ProblemDetail;
}

export interface ImportDetail {
  readonly importId: string;
  readonly fileName: string;
}

export interface StateDetail extends ImportDetail {
  /** As `GET /imports/{id}` answers. */
  readonly state: ImportState;
}

export interface ProblemDetail extends Pick<PageProblem, 'code' | 'title' | 'detail'> {
  /** null for a file that has become no import. */
  readonly importId: string | null;
  readonly fileName: string | null;
  readonly retriable: boolean;
}

export type ElementEvent = {
  [Name in keyof ElementEvents]: { readonly name: Name; readonly detail: ElementEvents[Name] };
}[keyof ElementEvents];

/**
 * What a change of an import means for the page around.
 *
 * @param toldVersion version of the newest end that the page was told; null: it was told no end. After a reload the
 *   import's notifications come again, from the first.
 */
export function eventsOf(before: ImportView, after: ImportView, toldVersion: number | null): ElementEvent[] {
  const { importId, fileName, state, problem } = after;
  const events: ElementEvent[] = [];
  if (importId !== null && before.importId === null)
    events.push({ name: 'tidings-started', detail: { importId, fileName } });
  if (importId !== null && state !== null && state !== before.state) {
    const end = endOf(after);
    const name = end === null || end === endOf(before) ? 'tidings-progress' : 'tidings-ended';
    if (name === 'tidings-progress' || toldVersion === null || state.version > toldVersion)
      events.push({ name, detail: { importId, fileName, state } });
  }
  if (problem !== null && !isSame(problem, before.problem))
    events.push(problemEvent(problem, importId, fileName));
  return events;
}

/** @param importId null for a file that has become no import */
export function problemEvent(
  { code, title, detail, retriable = false }: PageProblem,
  importId: string | null,
  fileName: string | null,
): ElementEvent {
  return { name: 'tidings-problem', detail: { importId, fileName, code, title, detail, retriable } };
}

/** The upload and its channel may both meet one problem. */
function isSame(one: PageProblem, other: PageProblem | null): boolean {
  return one.code === other?.code && one.detail === other.detail;
}

/** The status with which it has ended; null while it runs, also where its upload begins anew. */
function endOf(view: ImportView): ImportStatus | null {
  const { state } = view;
  return state !== null && hasEnded(state) && !isSentAgain(view) ? state.status : null;
}
