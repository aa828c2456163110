/** A list of what waits for somebody: some are chosen, and get one order with one reason. What became of each is said at it. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading, useHeadingAfter } from '../../shell/frame/heading.tsx';
import { formatCount } from '../../words/format/format.ts';
import { joinSentences } from '../../words/format/sentences.ts';
import { letterWords, listWords } from '../../words/support-words.ts';
import { problemWords } from '../../words/words.ts';
import { OrderForm } from '../order-form.tsx';
import { explainSupportError } from '../support-problem.ts';
import { orderEach } from './bulk.ts';
import './orders.css';
import type { ReadList } from './use-list.ts';

interface BulkAction<Item> {
  readonly name: string;
  readonly label: string;
  readonly question: string;
  readonly meaning: string;
  readonly danger?: boolean;
  readonly order: (item: Item, reason: string) => Promise<unknown>;
}

interface BulkListProps<Item> {
  readonly title: string;
  readonly lead: string;
  readonly list: ReadList<Item>;
  readonly keyOf: (item: Item) => string;
  readonly nameOf: (item: Item) => string;
  readonly actions: readonly BulkAction<Item>[];
  readonly children: (item: Item) => ComponentChildren;
}

export function BulkList<Item>(props: BulkListProps<Item>) {
  const { title, lead, list, keyOf } = props;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const items = list.items ?? [];
  const selected = items.filter((item) => chosen.has(keyOf(item)));
  const run = async (action: BulkAction<Item>, reason: string): Promise<string> => {
    const done = await orderEach(selected, (item) => action.order(item, reason));
    setOutcomes(
      done.map(({ item, error }) => ({
        name: props.nameOf(item),
        text: error === null ? letterWords.ordered : explainSupportError(error).title,
      })),
    );
    setChosen(new Set());
    list.reload();
    const refused = done.filter(({ error }) => error !== null).length;
    return letterWords.outcome(formatCount(done.length - refused), formatCount(refused));
  };
  return (
    <>
      <div class="support-head">
        <Heading>{title}</Heading>
      </div>
      <p class="soft support-note">{lead}</p>
      {list.problem !== null && (
        <ProblemNote problem={list.problem} note={list.problem.retriable ? problemWords.asksAgain : null} />
      )}
      {list.items === null && list.problem === null && <p class="soft">{listWords.loading}</p>}
      {list.items?.length === 0 && (
        <div class="card support-note" data-testid="nothing-waits">
          <h2>{letterWords.none}</h2>
        </div>
      )}
      <Outcomes outcomes={outcomes} />
      {items.length > 0 && (
        <>
          <Choice {...props} items={items} selected={selected} onChoose={setChosen} run={run} />
          <ul class="bulk-list">
            {items.map((item) => (
              <BulkItem
                key={keyOf(item)}
                name={props.nameOf(item)}
                isChosen={chosen.has(keyOf(item))}
                onChoose={(isIn) => setChosen(toggled(chosen, keyOf(item), isIn))}
              >
                {props.children(item)}
              </BulkItem>
            ))}
          </ul>
          {list.hasMore && <p class="soft">{letterWords.first(formatCount(items.length))}</p>}
        </>
      )}
    </>
  );
}

interface BulkItemProps {
  readonly name: string;
  readonly isChosen: boolean;
  readonly onChoose: (isIn: boolean) => void;
  readonly children: ComponentChildren;
}

/** The item leaves the list by itself, once it waits for nobody any more. */
function BulkItem({ name, isChosen, onChoose, children }: BulkItemProps) {
  const item = useRef<HTMLLIElement>(null);
  useHeadingAfter(item);
  return (
    <li ref={item} class="bulk-item" data-testid="bulk-item">
      <label class="bulk-box">
        <input
          type="checkbox"
          checked={isChosen}
          onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
          aria-label={letterWords.choose(name)}
        />
      </label>
      <div class="bulk-text">{children}</div>
    </li>
  );
}

interface Outcome {
  readonly name: string;
  readonly text: string;
}

/** What became of each item of the last order: those that were obeyed leave the list. */
function Outcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  if (outcomes.length === 0) return null;
  return (
    <ul class="callout support-note bulk-outcomes" data-testid="bulk-outcomes">
      {outcomes.map(({ name, text }) => (
        <li key={name}>
          <code>{name}</code> {text}
        </li>
      ))}
    </ul>
  );
}

function Choice<Item>({
  items,
  selected,
  keyOf,
  actions,
  onChoose,
  run,
}: BulkListProps<Item> & {
  readonly items: readonly Item[];
  readonly selected: readonly Item[];
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly run: (action: BulkAction<Item>, reason: string) => Promise<string>;
}) {
  return (
    <div class="bulk-head actions">
      <label class="bulk-all">
        <input
          type="checkbox"
          checked={selected.length === items.length}
          onChange={({ currentTarget }) => onChoose(new Set(currentTarget.checked ? items.map(keyOf) : []))}
          data-testid="bulk-all"
        />
        {letterWords.chosen(formatCount(selected.length), formatCount(items.length))}
      </label>
      {actions.map((action) => (
        <OrderForm
          key={action.name}
          label={action.label}
          question={action.question}
          danger={action.danger}
          small
          isDisabled={selected.length === 0}
          act={(reason) => run(action, reason)}
          testId={`bulk-${action.name}`}
        >
          {joinSentences([letterWords.howMany(formatCount(selected.length)), action.meaning])}
        </OrderForm>
      ))}
    </div>
  );
}

function toggled(chosen: ReadonlySet<string>, key: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (isIn) next.add(key);
  else next.delete(key);
  return next;
}
