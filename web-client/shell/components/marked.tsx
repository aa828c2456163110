/** Words with marks: `*…*` is drawn bold, and `{name}` is replaced by what the page puts there. */
import type { ComponentChildren } from 'preact';

interface MarkedProps {
  readonly text: string;
  readonly slots?: Readonly<Record<string, ComponentChildren>>;
}

export function Marked({ text, slots = {} }: MarkedProps) {
  return <>{markedParts(text).map((part) => drawPart(part, slots))}</>;
}

export type MarkedPart =
  | { readonly kind: 'plain' | 'bold'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string };

export function markedParts(text: string): MarkedPart[] {
  return text.split(/(\*[^*]+\*|\{\w+\})/).flatMap((part): MarkedPart[] => {
    if (part === '') return [];
    if (part.startsWith('*') && part.length > 1) return [{ kind: 'bold', text: part.slice(1, -1) }];
    if (/^\{\w+\}$/.test(part)) return [{ kind: 'slot', name: part.slice(1, -1) }];
    return [{ kind: 'plain', text: part }];
  });
}

function drawPart(part: MarkedPart, slots: MarkedProps['slots']): ComponentChildren {
  switch (part.kind) {
    case 'plain':
      return part.text;
    case 'bold':
      return <strong>{part.text}</strong>;
    case 'slot':
      return slots?.[part.name];
  }
}
