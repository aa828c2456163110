/** Notices that a person looks at the page again, or that the network is back: what is shown may be old then. */
import { useEffect } from 'preact/hooks';

/** @param onReturn called for each sign of it, several in a row: it paces itself */
export function useReturn(onReturn: () => void): void {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') onReturn();
    };
    const names = ['focus', 'online', 'pageshow'] as const;
    document.addEventListener('visibilitychange', look);
    for (const name of names) window.addEventListener(name, look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      for (const name of names) window.removeEventListener(name, look);
    };
  }, [onReturn]);
}
