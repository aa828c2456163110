/** What only the person can tell about the file, and what they should know of it. */
import type { PreviewNotice } from '@tidings/contracts/files/preview.ts';
import { useId, useState } from 'preact/hooks';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { encodingLabels } from '../../words/format/encodings.ts';
import { columnWords, readingWords } from '../../words/words.ts';
import { likelyEmailColumn, withReading, withTarget } from './choices.ts';
import { nameOf } from './column-list.tsx';
import { hasProblem, type ReadingProps } from './reading.ts';

export function Questions(props: ReadingProps) {
  const { preview } = props;
  const { headerLine, rowsNeedingCountry, defaultCountry, notices } = preview;
  return (
    <>
      {hasProblem(preview, 'encoding_uncertain') && <EncodingQuestion {...props} />}
      {hasProblem(preview, 'replacement_character') && (
        <p class="callout is-warn" role="alert">
          {readingWords.lettersLost}
        </p>
      )}
      {hasProblem(preview, 'no_email_column') && <EmailQuestion {...props} />}
      {headerLine === 0 && (
        <p class="callout is-warn" data-testid="header-question">
          {readingWords.headerGuessed}
        </p>
      )}
      {rowsNeedingCountry > 0 && defaultCountry === null && (
        <p class="callout is-warn" data-testid="country-question">
          {readingWords.countryNeeded(rowsNeedingCountry)}
        </p>
      )}
      {notices.map((notice) => (
        <p class="callout is-warn" key={notice.code} data-testid={`notice-${notice.code}`}>
          {sentenceOf(notice)}
        </p>
      ))}
    </>
  );
}

function sentenceOf({ code, rows, line, sample }: PreviewNotice): string {
  if (code === 'encoded_twice' && sample !== undefined)
    return readingWords.encodedTwice(rows, line, sample.written, sample.meant);
  return code === 'invalid_encoding'
    ? readingWords.rowsUnreadable(rows, line)
    : readingWords.rowsLost(rows, line);
}

/** The same places of the file in each encoding that they may be in. */
function EncodingQuestion({ preview, choices, onChoose }: ReadingProps) {
  const { encoding, encodingSamples, encodingAlternatives } = preview;
  const readings = [{ encoding, samples: encodingSamples }, ...encodingAlternatives];
  const id = useId();
  return (
    <fieldset class="callout is-warn question" aria-labelledby={id} data-testid="encoding-question">
      <p id={id}>{readingWords.encodingAsked}</p>
      <ul>
        {readings.map((reading) => (
          <li key={reading.encoding}>
            <ActionButton onClick={() => onChoose(withReading(choices, { encoding: reading.encoding }))}>
              <span class="samples">
                {reading.samples.map((sample) => (
                  <span key={sample}>{sample}</span>
                ))}
              </span>{' '}
              <span class="soft">{encodingLabels[reading.encoding]}</span>
            </ActionButton>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

/** The likeliest column is chosen already: one press says that it is right. */
function EmailQuestion({ preview, choices, onChoose }: ReadingProps) {
  const { columns } = preview;
  const { title, detail, choose, use } = columnWords.emailMissing;
  const [picked, setPicked] = useState<number | null>(null);
  const index = picked ?? likelyEmailColumn(columns)?.index ?? null;
  const id = useId();
  return (
    <div class="callout is-warn question" data-testid="email-question">
      <p>
        <label for={id}>
          <strong>{title}</strong>
        </label>{' '}
        {detail}
      </p>
      <p class="actions">
        <select
          id={id}
          value={index === null ? '' : String(index)}
          onChange={({ currentTarget }) => setPicked(Number(currentTarget.value))}
        >
          {index === null && <option value="">{choose}</option>}
          {columns.map((column) => (
            <option key={column.index} value={String(column.index)}>
              {nameOf(column)}
            </option>
          ))}
        </select>
        <ActionButton
          busy={index === null}
          onClick={() => {
            if (index !== null) onChoose(withTarget(choices, columns, { index, target: 'email' }));
          }}
          testId="use-email-column"
        >
          {use}
        </ActionButton>
      </p>
    </div>
  );
}
