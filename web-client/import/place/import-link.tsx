/** Leads to an import, or to the start of one: a link where that has an address, else a button. */
import type { ComponentChildren } from 'preact';
import { usePlace } from './place.ts';

interface ImportLinkProps {
  /** null: the start. */
  readonly to: string | null;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function ImportLink({ to, class: look = 'link', children }: ImportLinkProps) {
  const place = usePlace();
  const address = place.addressOf(to);
  if (address === null)
    return (
      <button type="button" class={look} onClick={() => place.show(to)}>
        {children}
      </button>
    );
  return (
    <a class={look} href={address}>
      {children}
    </a>
  );
}
