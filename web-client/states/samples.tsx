/** What several states have in common. */

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PageProblem } from '../shell/services/page-problem.ts';

/** States of a page by name. */
export type PageStates = Readonly<Record<string, () => ComponentChildren>>;

export const nothing = (): void => undefined;
export const nothingYet = (): Promise<void> => Promise.resolve();

export const refused: PageProblem = {
  code: 'no_email_column',
  title: 'The file has no e-mail column',
  detail:
    'The header names “name”, “phone”, “city”. Name the column with the addresses “email” and drop the file again.',
  line: 1,
};

/** A state that a person reaches by pressing the button with this test id, as soon as it is there. */
export function Pressed({ testId, children }: { testId: string; children: ComponentChildren }) {
  useEffect(() => {
    const press = (): boolean => {
      const button = document.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
      button?.click();
      return button !== null;
    };
    if (press()) return;
    const watcher = new MutationObserver(() => press() && watcher.disconnect());
    watcher.observe(document.body, { childList: true, subtree: true });
    return () => watcher.disconnect();
  }, [testId]);
  return <>{children}</>;
}

interface TypedProps {
  /** The name of the field. */
  readonly field: string;
  readonly text: string;
  /** A selector of what is pressed then. */
  readonly press: string;
  readonly children: ComponentChildren;
}

/** A state that a person reaches by writing into a field of a form and pressing a button. */
export function Typed({ field, text, press, children }: TypedProps) {
  useEffect(() => {
    const input = document.querySelector<HTMLInputElement>(`form [name="${field}"]`);
    if (input !== null) input.value = text;
    document.querySelector<HTMLElement>(`form ${press}`)?.click();
  }, [field, text, press]);
  return <>{children}</>;
}
