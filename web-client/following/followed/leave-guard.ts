/** The browser's question before a page is left, for as long as that would break an upload off. */
import type { FollowedImports } from './followed-imports.ts';

/** @returns a function that ends the guarding */
export function guardLeaving({ isSending }: Pick<FollowedImports, 'isSending'>): () => void {
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  const stop = isSending.subscribe((asks) => {
    if (asks) addEventListener('beforeunload', ask);
    else removeEventListener('beforeunload', ask);
  });
  return () => {
    stop();
    removeEventListener('beforeunload', ask);
  };
}
