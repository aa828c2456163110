import { useRef } from 'preact/hooks';
import { navigate } from '../router.ts';

/**
 * Goes to the address of what is asked for. Each choice is a step to go back to; a text is one step, however often it is asked for while
 * somebody types it.
 *
 * @returns takes the address, and the name of the field that is typed in
 */
export function useSteps(): (address: string, typedIn?: string) => void {
  /** The step that typing has made last. */
  const typed = useRef<{ readonly field: string; readonly href: string } | null>(null);
  return (address, typedIn) => {
    if (new URL(address, location.href).href === location.href) return;
    const goesOn = typed.current?.field === typedIn && typed.current?.href === location.href;
    navigate(address, { replace: goesOn });
    typed.current = typedIn === undefined ? null : { field: typedIn, href: location.href };
  };
}
