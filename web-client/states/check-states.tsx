/** The check of a file before its import, in every state. */
import type { ComponentChildren } from 'preact';
import { CheckCard } from '../import/check/check-card.tsx';
import type { CheckView } from '../import/check/file-check.ts';
import { Heading } from '../shell/frame/heading.tsx';
import { fineBeginning, finePreview, previewColumn, samplePreview } from '../test/sample-previews.ts';
import { bytesOf, fixtureFile } from '../test/sample-states.ts';
import { startWords } from '../words/words.ts';
import { nothing, type PageStates, refused } from './samples.tsx';

function check(view: Partial<CheckView>): () => ComponentChildren {
  return () => (
    <>
      <Heading>{startWords.title}</Heading>
      <CheckCard
        file={{ name: fixtureFile.name, size: bytesOf(view.preview?.estimatedRows ?? 20_000) }}
        view={{ preview: null, choices: {}, phase: 'answered', problem: null, ...view }}
        onChoose={nothing}
        onAskAgain={nothing}
        onStart={nothing}
        onFile={nothing}
      />
    </>
  );
}

const withoutEmail = fineBeginning.columns.map((column) =>
  column.index === 0
    ? { ...column, target: 'attributes.kontakt-e-mail (geschäftlich)', by: null, confidence: 1 }
    : column,
);

const manyColumns = Array.from({ length: 121 }, (_, index) =>
  previewColumn({
    index,
    name: index === 7 ? '' : `E-mail ${index} - Value`,
    target: index === 0 ? 'email' : index === 7 ? '' : `attributes.e-mail ${index} - value`,
    samples: index % 3 === 0 ? [`p${index}@example.org`] : [],
  }),
);

export const checkStates: PageStates = {
  'check-reading': check({ phase: 'asking' }),
  'check-waiting': check({ phase: 'waiting' }),
  'check-workbook': check({
    preview: finePreview({
      sheet: 'Besucher',
      sheets: ['Besucher', 'Notizen'],
      truncated: true,
      estimatedRows: null,
    }),
  }),
  'check-refused': check({ problem: refused }),
  'check-some-come-back': check({ preview: samplePreview() }),
  'check-all-fine': check({ preview: finePreview() }),
  'check-again': check({ preview: samplePreview(), phase: 'asking' }),
  'check-again-waiting': check({ preview: samplePreview(), phase: 'waiting' }),
  'check-choice-refused': check({ preview: samplePreview(), problem: refused }),
  'check-encoding-uncertain': check({
    preview: samplePreview({
      encodingConfidence: 0.5,
      encodingAlternatives: [
        { encoding: 'windows-1250', samples: ['Jürgen', 'Größer', 'Kontakt-E-Mail (geschäftlich)'] },
        { encoding: 'windows-1251', samples: ['Jьrgen', 'GrцЯer', 'Kontakt-E-Mail (geschдftlich)'] },
      ],
      problems: [{ code: 'encoding_uncertain', detail: '', line: 2 }],
    }),
  }),
  'check-no-email': check({
    preview: finePreview({
      columns: withoutEmail,
      rows: fineBeginning.rows.map((row) => ({
        ...row,
        ...{ fields: null, attributes: {}, faults: [{ code: 'email_missing' }] },
      })),
      forecast: { rows: 412, valid: 0, warnings: {}, rejected: { email_missing: 412 } },
      problems: [{ code: 'no_email_column', detail: '', line: 1 }],
    }),
  }),
  'check-no-header': check({
    preview: finePreview({
      headerLine: 0,
      columns: fineBeginning.columns.map((column) => {
        const name = `column ${column.index + 1}`;
        const isExtra = column.target.startsWith('attributes.');
        return { ...column, name, target: isExtra ? `attributes.${name}` : column.target };
      }),
    }),
    choices: { headerLine: 0 },
  }),
  'check-no-country': check({
    preview: samplePreview({
      ...fineBeginning,
      defaultCountry: null,
      invalidFields: 'leave-out',
      blankRows: 3,
      forecast: {
        rows: 1_000,
        valid: 998,
        warnings: { country_unknown: 4, phone_country_unknown: 12 },
        rejected: { replacement_character: 2 },
      },
      notices: [
        { code: 'replacement_character', line: 41, rows: 2 },
        {
          code: 'encoded_twice',
          line: 3,
          rows: 57,
          sample: { written: 'JÃ¶rg MÃ¼ller', meant: 'Jörg Müller' },
        },
      ],
    }),
    choices: { invalidFields: 'leave-out' },
  }),
  'check-mends': check({ preview: finePreview({ isRejectedExport: true }) }),
  'check-many-columns': check({ preview: finePreview({ columns: manyColumns, rows: [] }) }),
};
