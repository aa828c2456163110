/** Where imports are shown: our own page, or an element in the page of somebody else. The steps of an import are the same in both. */
import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { WithAccess } from '../../following/access/access.ts';
import type { FollowedImports } from '../../following/followed/followed-imports.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import type { FileCheckOptions } from './check-options.ts';
import type { UploadLimitsReader } from './upload-limits.ts';

export interface ImportPlace {
  readonly followed: FollowedImports;
  /** What the owner has, whichever browser has sent it. */
  readonly access: WithAccess;
  readonly limits: UploadLimitsReader;
  readonly checking: FileCheckOptions;
  /** The import that is shown; null: the start of one. */
  readonly shown: ReadonlySignal<string | null>;
  /** Shows an import, or with null the start of one. @param replaces whether no step leads back to what was shown */
  show(importId: string | null, replaces?: boolean): void;
  /** Of an import, or with null of the start; null where nothing that is shown has an address. */
  addressOf(importId: string | null): string | null;
  /** Of the contacts that an import has created or found; null where no page shows them. */
  contactsAddress(importId: string): string | null;
  readonly sampleAddress: string;
  /** Where a file may be dropped. */
  readonly dropTarget: EventTarget;
  /** Whether the browser may tell the end of an import to a person who looks at something else. */
  readonly tellsEnds: boolean;
  showTitle(title: string): void;
  /** Told what the person sees of a problem that concerns no import: a file that is refused, a server that does not answer its check. */
  tellProblem(problem: PageProblem, fileName: string | null): void;
  /** Moves the focus to where reading begins. */
  focusTop(): void;
}

export const PlaceContext = createContext<ImportPlace | null>(null);

export function usePlace(): ImportPlace {
  const place = useContext(PlaceContext);
  if (place === null) throw new Error('place');
  return place;
}
