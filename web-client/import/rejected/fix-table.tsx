/** The rejected rows as a table whose cells are changed in place. Every page that shows an import fetches it at once. */
import './fix.css';
import type { RejectedRowItem, RowFault } from '@tidings/contracts/imports/rejected-rows.ts';
import type { RefObject } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import { inputText } from '../../shell/browser/input-text.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { EdgeScroller } from '../../shell/components/edge-scroller.tsx';
import { announce } from '../../shell/frame/announcer.ts';
import { formatCount, formatRows } from '../../words/format/format.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { asSentence, joinSentences, sentenceGap } from '../../words/format/sentences.ts';
import { mendWords, rowFaultWords } from '../../words/words.ts';
import type { FixList } from './fix-list.ts';
import { givePlaces, RowBlocks } from './row-blocks.tsx';

interface FixTableProps {
  readonly list: FixList;
  readonly onHand: () => Promise<void>;
  /** Tells how many rows are left. */
  readonly outcome: RefObject<HTMLElement | null>;
}

/** Cells of a block of rows, about: those of a wide file are fewer. */
const BLOCK_CELLS = 80;
/** Rows of a block, at least. */
const BLOCK_ROWS = 5;
/** Lines that are named beside the button, at most. */
const MAX_LINES = 5;

export default function FixTable({ list, onHand, outcome }: FixTableProps) {
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const fitting = rowsWith(list, code);
  // Columns keep their places while cells are mended.
  const wrong = useMemo(() => new Set<string>(), [list]);
  const columns = columnsOf(list.rows.value, wrong);
  const [size] = useState(Math.max(BLOCK_ROWS, Math.floor(BLOCK_CELLS / Math.max(columns.length, 1))));
  const placeOf = usePlaces(list);
  const failed = failedRows(list);
  const hand = async (): Promise<void> => {
    setBusy(true);
    await onHand();
    setBusy(false);
  };
  return (
    <div class="fix" data-testid="fix-table">
      <p class="soft">{mendWords.how}</p>
      <ReasonFilter
        list={list}
        code={code}
        onCode={(next) => {
          setCode(next);
          announce(formatRows(rowsWith(list, next).length));
        }}
      />
      {fitting.length === 0 ? (
        <p class="soft">{mendWords.none}</p>
      ) : (
        <EdgeScroller label={mendWords.caption} columns={columns.length}>
          <table aria-label={mendWords.caption} aria-rowcount={fitting.length + 1}>
            <thead>
              <tr>
                <th scope="col">{mendWords.line}</th>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {columnName(column)}
                  </th>
                ))}
              </tr>
            </thead>
            <RowBlocks
              rows={fitting}
              placeOf={placeOf}
              size={size}
              cells={columns.length + 1}
              draw={(row, index) => (
                <Row key={row.row} row={row} index={index} columns={columns} list={list} />
              )}
            />
          </table>
        </EdgeScroller>
      )}
      {list.hasMore.value && (
        <ActionButton small onClick={() => void list.loadMore()}>
          {mendWords.more}
        </ActionButton>
      )}
      {list.ready.value > 0 && (
        <p class="fix-foot">
          <ActionButton primary {...{ busy, outcome }} onClick={() => void hand()} testId="import-mended">
            {busy ? mendWords.handing : mendWords.hand(list.ready.value)}
          </ActionButton>
          <span class="is-bad" role="status" data-testid="unsaved-lines">
            {failed.length > 0 && mendWords.unsaved(linesOf(failed))}
          </span>
        </p>
      )}
    </div>
  );
}

/** Rows that no import has yet, of which a cell could not be kept. */
function failedRows({ rows, unsaved }: FixList): RejectedRowItem[] {
  return rows.value.filter(
    ({ row, mendedBy }) => mendedBy === null && typeof unsaved.value.get(row) === 'object',
  );
}

/** `3, 12, 14, 20, 31 (+2)` */
function linesOf(rows: readonly RejectedRowItem[]): string {
  const lines = rows.slice(0, MAX_LINES).map(({ line }) => formatCount(line));
  const more = rows.length - lines.length;
  return `${lines.join(', ')}${more > 0 ? ` (+${formatCount(more)})` : ''}`;
}

/** Where each row stands among all that the list has had. */
function usePlaces(list: FixList): (row: RejectedRowItem) => number {
  const places = useMemo(() => new Map<number, number>(), [list]);
  givePlaces(
    places,
    list.rows.value.map(({ row }) => row),
  );
  return ({ row }) => places.get(row) ?? 0;
}

/** @param code of a fault; '' for any */
function rowsWith(list: FixList, code: string): RejectedRowItem[] {
  return list.rows.value.filter(({ codes }) => code === '' || codes.includes(code));
}

interface ReasonFilterProps extends Pick<FixTableProps, 'list'> {
  readonly code: string;
  readonly onCode: (code: string) => void;
}

function ReasonFilter({ list, code, onCode }: ReasonFilterProps) {
  const id = useId();
  if (list.groups.value.length < 2 && code === '') return null;
  return (
    <p class="fix-filter">
      <label for={id}>{mendWords.reason}</label>
      <select id={id} value={code} onChange={(event) => onCode(event.currentTarget.value)}>
        <option value="">{mendWords.allReasons}</option>
        {list.groups.value.map((group) => (
          <option key={group.code} value={group.code}>
            {wordsOfCode(rowFaultWords, group.code, group.reason)}
          </option>
        ))}
      </select>
    </p>
  );
}

interface RowProps extends Pick<FixTableProps, 'list'> {
  readonly row: RejectedRowItem;
  /** Among the rows that the table has, from 0. */
  readonly index: number;
  readonly columns: readonly string[];
}

function Row({ row, index, columns, list }: RowProps) {
  const { line, faults, cells, mended } = row;
  const unsaved = list.unsaved.value.get(row.row);
  const theirs = list.overtaken.value.get(row.row);
  const isTaken = row.mendedBy !== null;
  const whole = faults.filter(({ column }) => column === null || !columns.includes(column));
  return (
    <tr data-testid="fix-row" aria-rowindex={index + 2}>
      <th scope="row">
        {formatCount(line)}
        {whole.map((fault) => (
          <FaultText key={fault.code} fault={fault} />
        ))}
        <span class="fix-state" role="status">
          {unsaved === 'saving' && mendWords.saving}
          {unsaved === undefined &&
            mended &&
            (faults.length === 0 ? mendWords.mended : <span class="fix-fault">{mendWords.notRight}</span>)}
          {isTaken && typeof unsaved === 'object' && <span class="is-bad">{mendWords.taken}</span>}
          {!isTaken && theirs !== undefined && (
            <Overtaken theirs={theirs} onDecide={(whose) => void list.decide(row.row, whose)} />
          )}
          {!isTaken && typeof unsaved === 'object' && theirs === undefined && (
            <span class="is-bad">
              {asSentence(mendWords.notSaved)}
              {sentenceGap()}
              <span lang={unsaved.detailLanguage}>{unsaved.detail}</span>
            </span>
          )}
        </span>
      </th>
      {columns.map((column) => (
        <Cell
          key={column}
          column={column}
          line={line}
          text={cells[column] ?? ''}
          faults={faults.filter((fault) => fault.column === column)}
          onText={(text) => void list.change(row.row, column, text)}
        />
      ))}
    </tr>
  );
}

interface OvertakenProps {
  readonly theirs: ReadonlyMap<string, string>;
  readonly onDecide: (whose: 'mine' | 'theirs') => void;
}

/** What somebody else has written into cells that were changed here, and whose text is to stay. */
function Overtaken({ theirs, onDecide }: OvertakenProps) {
  return (
    <span class="is-bad" data-testid="overtaken">
      {joinSentences([...theirs].map(([column, text]) => mendWords.overtaken(columnName(column), text)))}{' '}
      <button type="button" class="button is-small" onClick={() => onDecide('mine')} data-testid="keep-mine">
        {mendWords.keepMine}
      </button>{' '}
      <button
        type="button"
        class="button is-small"
        onClick={() => onDecide('theirs')}
        data-testid="take-theirs"
      >
        {mendWords.takeTheirs}
      </button>
    </span>
  );
}

interface CellProps {
  readonly column: string;
  readonly line: number;
  readonly text: string;
  readonly faults: readonly RowFault[];
  readonly onText: (text: string) => void;
}

function Cell({ column, line, text, faults, onText }: CellProps) {
  const id = useId();
  const isWrong = faults.length > 0;
  const shown = inputText(text);
  // What is typed stands until the cell is left, whatever is drawn again meanwhile.
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <td>
      <input
        value={typed ?? shown}
        class={isWrong ? 'is-wrong' : undefined}
        aria-label={mendWords.cell(columnName(column), line)}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? id : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          setTyped(null);
          if (event.currentTarget.value !== shown) onText(event.currentTarget.value);
        }}
      />
      {isWrong && (
        <span id={id}>
          {faults.map((fault) => (
            <FaultText key={fault.code} fault={fault} />
          ))}
        </span>
      )}
    </td>
  );
}

function FaultText({ fault: { code, reason } }: { fault: RowFault }) {
  return <span class="fix-fault">{wordsOfCode(rowFaultWords, code, reason)}</span>;
}

/** Cells beyond the header, as the services name them. */
const EXTRA = '_extra';

function columnName(column: string): string {
  return column === EXTRA ? mendWords.extra : column;
}

/**
 * In the order of the file; those beyond the header last. Columns with a fault come first, for files that are wide.
 *
 * @param wrong columns that have had a fault; those that have one now are added
 */
function columnsOf(rows: readonly RejectedRowItem[], wrong: Set<string>): string[] {
  const columns = new Set<string>();
  for (const { cells, faults } of rows) {
    for (const column of Object.keys(cells)) columns.add(column);
    for (const { column } of faults) if (column !== null) wrong.add(column);
  }
  const rank = (column: string): number => (column === EXTRA ? 2 : wrong.has(column) ? 0 : 1);
  return [...columns].sort((a, b) => rank(a) - rank(b));
}
