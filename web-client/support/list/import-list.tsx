/** The rows of imports. Of a long list only those in the window are drawn; each again only when it has changed. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../shell/frame/announcer.ts';
import { useHeadingAfter } from '../../shell/frame/heading.tsx';
import { formatCount } from '../../words/format/format.ts';
import { listWords } from '../../words/support-words.ts';
import { ImportRow } from './import-row.tsx';
import type { ImportTable, ListedImport } from './import-table.ts';
import type { ListQuery } from './list-query.ts';
import { useShownOrder } from './shown-order.ts';
import { useVisibleRows } from './visible-rows.ts';

interface ImportListProps {
  /** Sorted. */
  readonly matching: readonly ListedImport[];
  readonly table: ImportTable;
  readonly query: ListQuery;
}

export function ImportList({ matching, table, query }: ImportListProps) {
  const list = useRef<HTMLUListElement>(null);
  const order = useShownOrder(matching, query);
  const ids = order.ids.filter((id) => table.has(id));
  const { from, to } = useVisibleRows(list, ids.length);
  const [focused, setFocused] = useState<string | null>(null);
  /** The first of those that were shown by the keyboard: reading goes on there. */
  const [next, setNext] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (next === null) return;
    list.current?.querySelector<HTMLElement>(`[data-import="${next}"] a`)?.focus();
    setNext(null);
  }, [next]);
  const showFresh = (byKeyboard: boolean): void => {
    const first = matching.find(({ state }) => !order.ids.includes(state.importId));
    announce(listWords.freshShown(formatCount(order.fresh)));
    order.arrange();
    // The list stands still while the focus is in it: a pointer that leaves it lets it go on.
    if (byKeyboard) setNext(first?.state.importId ?? null);
  };
  // The row with the focus stays drawn, wherever the window is: else the focus would be lost.
  const drawn = ids
    .map((id, index) => ({ id, index }))
    .filter(({ id, index }) => (index >= from && index < to) || id === focused || id === next);
  const { columns } = listWords;
  return (
    <div
      class="import-list"
      onPointerEnter={({ pointerType }) => order.hold('pointer', pointerType !== 'touch')}
      onPointerLeave={() => order.hold('pointer', false)}
      onFocusCapture={({ target }) => {
        order.hold('focus', true);
        setFocused(target instanceof Element ? idOfRow(target) : null);
      }}
      onBlurCapture={({ currentTarget, relatedTarget }) => {
        if (relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) return;
        order.hold('focus', false);
        setFocused(null);
      }}
    >
      <p class="import-fresh">{order.fresh > 0 && <FreshButton count={order.fresh} onShow={showFresh} />}</p>
      <div class="import-columns" aria-hidden="true">
        <span>{columns.status}</span>
        <span>{columns.file}</span>
        <span>{columns.rows}</span>
        <span>{columns.now}</span>
        <span class="is-number">{columns.rate}</span>
        <span>{columns.started}</span>
        <span>{columns.took}</span>
        <span />
      </div>
      <ul
        ref={list}
        class="import-rows"
        style={{ '--rows': String(ids.length) }}
        aria-label={listWords.title}
      >
        {drawn.map(({ id, index }) => {
          const listed = table.get(id);
          return (
            listed !== undefined && <ImportRow key={id} listed={listed} index={index} count={ids.length} />
          );
        })}
      </ul>
    </div>
  );
}

function FreshButton({ count, onShow }: { count: number; onShow: (byKeyboard: boolean) => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useHeadingAfter(button);
  return (
    <button
      ref={button}
      type="button"
      class="button is-small"
      onClick={({ detail }) => onShow(detail === 0)}
      data-testid="support-fresh"
    >
      {listWords.fresh(formatCount(count))}
    </button>
  );
}

function idOfRow(element: Element): string | null {
  return element.closest('[data-import]')?.getAttribute('data-import') ?? null;
}
