/** How the file is read, each part of it as a list to choose another from. */
import { type Encoding, encodings } from '@tidings/contracts/files/csv.ts';
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { countriesByName } from '../../words/format/countries.ts';
import { encodingLabels } from '../../words/format/encodings.ts';
import { language } from '../../words/format/language.ts';
import { readingWords } from '../../words/words.ts';
import { withReading } from './choices.ts';
import { hasProblem, type ReadingProps } from './reading.ts';

/** Characters of a line that are shown in the list of lines, at most. */
const LINE_LENGTH = 48;
/** Rows of which one may be chosen as the header. */
const ROWS_OFFERED = 5;

export function ReadingBar({ preview, choices, onChoose }: ReadingProps) {
  const { headerLine, defaultCountry, rowsNeedingCountry } = preview;
  return (
    <fieldset class="reading">
      <legend>{readingWords.title}</legend>
      {preview.sheet === null ? (
        <TextChoices preview={preview} choices={choices} onChoose={onChoose} />
      ) : (
        <Choice
          label={readingWords.sheet}
          value={preview.sheet}
          testId="sheet"
          onChange={(sheet) => onChoose(withReading(choices, { sheet, headerLine: undefined }))}
        >
          {preview.sheets.map((sheet) => (
            <option key={sheet} value={sheet}>
              {sheet}
            </option>
          ))}
        </Choice>
      )}
      <Choice
        label={readingWords.header}
        value={String(headerLine)}
        asks={headerLine === 0}
        testId="header-line"
        onChange={(value) => onChoose(withReading(choices, { headerLine: Number(value) }))}
      >
        <option value="0">{readingWords.noHeader}</option>
        {headerLines(preview).map(([line, cells]) => (
          <option key={line} value={String(line)}>
            {readingWords.line(line, cells)}
          </option>
        ))}
      </Choice>
      {rowsNeedingCountry > 0 && (
        <Choice
          label={readingWords.country}
          value={defaultCountry ?? ''}
          asks={defaultCountry === null}
          testId="default-country"
          onChange={(value) => onChoose({ ...choices, defaultCountry: value === '' ? undefined : value })}
        >
          {(defaultCountry === null || choices.defaultCountry !== undefined) && (
            <option value="">{readingWords.noCountry}</option>
          )}
          {countriesByName(language.value).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Choice>
      )}
    </fieldset>
  );
}

/** How a text is written; a workbook says that by itself. */
function TextChoices({ preview, choices, onChoose }: ReadingProps) {
  const { encoding, delimiter } = preview;
  const { delimiters } = readingWords;
  return (
    <>
      <Choice
        label={readingWords.encoding}
        value={encoding}
        asks={hasProblem(preview, 'encoding_uncertain')}
        testId="encoding"
        onChange={(value) => onChoose(withReading(choices, { encoding: value }))}
      >
        {encodings.map((name: Encoding) => (
          <option key={name} value={name}>
            {encodingLabels[name]}
          </option>
        ))}
      </Choice>
      <Choice
        label={readingWords.delimiter}
        value={delimiter}
        testId="delimiter"
        onChange={(value) => onChoose(withReading(choices, { delimiter: value }))}
      >
        {Object.entries(delimiters).map(([sign, name]) => (
          <option key={sign} value={sign}>
            {name}
          </option>
        ))}
        {!(delimiter in delimiters) && <option value={delimiter}>{delimiter}</option>}
      </Choice>
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** Whether somebody should look at it. */
  readonly asks?: boolean;
  readonly testId: string;
  readonly onChange: (value: string) => void;
  readonly children: ComponentChildren;
}

function Choice({ label, value, asks = false, testId, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <p class={asks ? 'choice is-asked' : 'choice'}>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        data-testid={testId}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {children}
      </select>
    </p>
  );
}

/** Lines that may be the header, with their first cells where these are known. */
function headerLines({ headerLine, columns, rows }: ImportPreview): [line: number, cells: string][] {
  const lines = new Map<number, string>();
  for (let line = 1; line < headerLine; line += 1) lines.set(line, '');
  if (headerLine > 0) lines.set(headerLine, beginOf(columns.map(({ name }) => name)));
  for (const { line, cells } of rows.slice(0, ROWS_OFFERED)) lines.set(line, beginOf(cells));
  return [...lines];
}

function beginOf(cells: readonly string[]): string {
  const text = cells.filter((cell) => cell.trim() !== '').join(' · ');
  return text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH)}…` : text;
}
