/** Each column of the file on a line of its own: its name, some of its cells, what it becomes, and who says so. */
import { namedTargets } from '@tidings/contracts/contacts/column-targets.ts';
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import type { PreviewColumn } from '@tidings/contracts/files/preview.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { columnWords, contactFieldLabels } from '../../words/words.ts';
import { extraTarget, withTarget } from './choices.ts';
import type { ReadingProps } from './reading.ts';

/** Below it a column is shown as guessed. */
const SURE = 0.75;

export function ColumnList({ preview: { columns }, choices, onChoose }: ReadingProps) {
  return (
    <section class="columns" aria-labelledby="columns-title">
      <h3 id="columns-title">{columnWords.title}</h3>
      <p class="soft">{columnWords.how}</p>
      <ul>
        {columns.map((column) => (
          <ColumnLine
            key={column.index}
            column={column}
            onTarget={(target) => onChoose(withTarget(choices, columns, { index: column.index, target }))}
          />
        ))}
      </ul>
    </section>
  );
}

/** As the file has it, or its place where it has none. */
export function nameOf({ name, index }: PreviewColumn): string {
  return name.trim() === '' ? columnWords.unnamed(index + 1) : name;
}

export function labelOf(target: string): string {
  return wordsOfCode({ ...contactFieldLabels, ...columnWords.targets }, target);
}

function ColumnLine({ column, onTarget }: { column: PreviewColumn; onTarget: (target: string) => void }) {
  const { index, target, samples } = column;
  const id = `column-${index}`;
  return (
    <li data-testid="column">
      <label for={id} class="column-name">
        {nameOf(column)}
      </label>
      <span class="samples" id={`${id}-samples`}>
        {samples.length === 0 ? (
          <span class="soft">{columnWords.noValues}</span>
        ) : (
          samples.map((sample) => <span key={sample}>{sample}</span>)
        )}
      </span>
      <select
        id={id}
        value={target}
        aria-describedby={`${id}-state ${id}-samples`}
        onChange={({ currentTarget }) => onTarget(currentTarget.value)}
      >
        {namedTargets.map((named) => (
          <option key={named} value={named}>
            {labelOf(named)}
          </option>
        ))}
        {extrasOf(column).map((extra) => (
          <option key={extra} value={extra}>
            {extra === extraTarget(column.name)
              ? columnWords.extra
              : columnWords.extraAs(extra.slice(ATTRIBUTE_PREFIX.length))}
          </option>
        ))}
        <option value="">{columnWords.leaveOut}</option>
      </select>
      <ColumnState column={column} />
    </li>
  );
}

/** The name of the column, and where its cells are kept under another one, that. */
function extrasOf({ name, target }: PreviewColumn): string[] {
  const own = extraTarget(name);
  const other = target.startsWith(ATTRIBUTE_PREFIX) && target !== own ? [target] : [];
  return own === '' ? other : [own, ...other];
}

type State = keyof typeof columnWords.states;

const looks: Readonly<Record<State, string>> = {
  recognised: 'is-good',
  guessed: 'is-warn',
  remembered: 'is-good',
  chosen: 'is-good',
  extra: '',
  leftOut: '',
};

function ColumnState({ column }: { column: PreviewColumn }) {
  const state = stateOf(column);
  const { passedOver, standsIn } = column;
  return (
    <span class="column-state" id={`column-${column.index}-state`}>
      <span class={`badge ${looks[state]}`}>{columnWords.states[state]}</span>
      {standsIn && <span class="soft"> {columnWords.standsIn}</span>}
      {passedOver !== null && !standsIn && (
        <span class="soft"> {columnWords.passedOver(labelOf(passedOver))}</span>
      )}
    </span>
  );
}

function stateOf({ by, target, confidence }: PreviewColumn): State {
  if (by === 'remembered' || by === 'mended') return 'remembered';
  if (by === 'person') return 'chosen';
  if (target === '') return 'leftOut';
  if (by === null) return 'extra';
  return confidence < SURE ? 'guessed' : 'recognised';
}
