/** What the server says of files that are looked at, in the states and the tests of the pages. */
import type { ImportPreview, PreviewColumn, PreviewRow } from '@tidings/contracts/files/preview.ts';

export function previewColumn(
  column: Pick<PreviewColumn, 'index' | 'name' | 'target'> & Partial<PreviewColumn>,
): PreviewColumn {
  const isExtra = column.target === '' || column.target.startsWith('attributes.');
  return {
    confidence: 1,
    by: isExtra ? null : 'alias',
    samples: [],
    passedOver: null,
    standsIn: false,
    ...column,
  };
}

const MOST_NOTES = 'a note that is so long that it cannot be shown whole in a line of the list of columns';

/** @param emails the first of the file */
const columnsOf = (emails: readonly string[]): PreviewColumn[] => [
  previewColumn({
    index: 0,
    name: 'Kontakt-E-Mail (geschäftlich)',
    target: 'email',
    by: 'similarity',
    confidence: 0.7,
    samples: [...emails],
  }),
  previewColumn({ index: 1, name: 'Vorname', target: 'firstName', samples: ['Jürgen', 'Chinua', 'Ingrid'] }),
  previewColumn({
    index: 2,
    name: 'Nachname',
    target: 'lastName',
    samples: ['Größer', 'Okafor', 'Lindqvist'],
  }),
  previewColumn({
    index: 3,
    name: 'Mobil',
    target: 'phone',
    samples: ['0151 2345678', '+234 1 234 5678'],
  }),
  previewColumn({
    index: 4,
    name: 'Telefon',
    target: 'attributes.telefon',
    passedOver: 'phone',
    samples: ['030 901820'],
  }),
  previewColumn({
    index: 5,
    name: 'Firma',
    target: 'company',
    by: 'remembered',
    samples: ['Nordwind GmbH', 'Lagos Print'],
  }),
  previewColumn({
    index: 6,
    name: 'Notizen',
    target: 'attributes.notizen',
    samples: [MOST_NOTES],
  }),
  previewColumn({ index: 7, name: 'Interne Nummer', target: '', by: 'person', samples: ['00417', '00418'] }),
];

const first: PreviewRow = {
  row: 1,
  line: 2,
  cells: [
    'juergen@example.org',
    'Jürgen',
    'Größer',
    '0151 2345678',
    '030 901820',
    'Nordwind GmbH',
    MOST_NOTES,
    '00417',
  ],
  fields: {
    email: 'juergen@example.org',
    firstName: 'Jürgen',
    lastName: 'Größer',
    phone: '+491512345678',
    company: 'Nordwind GmbH',
  },
  attributes: { telefon: '030 901820', notizen: MOST_NOTES },
  faults: [],
};

const secondCells = ['Chinua', 'Okafor', '+234 1 234 5678', '', 'Lagos Print', '', '00418'];

const rows: readonly PreviewRow[] = [
  first,
  {
    row: 2,
    line: 3,
    cells: ['', ...secondCells],
    fields: null,
    attributes: {},
    faults: [{ code: 'email_missing', column: 0 }],
  },
  {
    row: 3,
    line: 4,
    cells: ['ingrid@example.org', 'Ingrid'],
    fields: null,
    attributes: {},
    faults: [{ code: 'too_few_cells', cells: 2, columns: 8 }],
  },
];

const fineRows: readonly PreviewRow[] = [
  first,
  {
    row: 2,
    line: 3,
    cells: ['chinua@example.org', ...secondCells],
    fields: {
      email: 'chinua@example.org',
      firstName: 'Chinua',
      lastName: 'Okafor',
      phone: '+23412345678',
      company: 'Lagos Print',
    },
    attributes: {},
    faults: [],
  },
  {
    row: 3,
    line: 4,
    cells: ['ingrid@example.org', 'Ingrid', 'Lindqvist', '', '', '', '', ''],
    fields: { email: 'ingrid@example.org', firstName: 'Ingrid', lastName: 'Lindqvist' },
    attributes: {},
    faults: [],
  },
];

/** What is told of a file's beginning in which nothing is wrong. */
export const fineBeginning = {
  columns: columnsOf(fineRows.map(({ fields }) => fields?.email ?? '')),
  rows: [...fineRows],
};

/** The beginning of a large file of which some rows would come back. */
export function samplePreview(over: Partial<ImportPreview> = {}): ImportPreview {
  return {
    sheet: null,
    sheets: [],
    encoding: 'windows-1252',
    encodingConfidence: 0.98,
    encodingSamples: ['Jürgen', 'Größer', 'Kontakt-E-Mail (geschäftlich)'],
    encodingAlternatives: [],
    delimiter: ';',
    quote: '"',
    headerLine: 1,
    titleLines: [],
    columns: columnsOf(['juergen@example.org', 'ingrid@example.org', 'mateo@example.org']),
    rows: [...rows],
    rowsRead: 2_812,
    blankRows: 0,
    truncated: true,
    estimatedRows: 19_873,
    defaultCountry: 'DE',
    invalidFields: 'reject',
    rowsNeedingCountry: 12,
    isRejectedExport: false,
    mends: null,
    forecast: {
      rows: 1_000,
      valid: 940,
      warnings: {},
      rejected: { email_missing: 40, phone_invalid: 15, too_few_cells: 5 },
    },
    problems: [],
    notices: [],
    ...over,
  };
}

/** A file of which every row would be imported. */
export function finePreview(over: Partial<ImportPreview> = {}): ImportPreview {
  return samplePreview({
    ...fineBeginning,
    encoding: 'utf-8',
    encodingConfidence: 1,
    truncated: false,
    rowsRead: 412,
    estimatedRows: 412,
    rowsNeedingCountry: 0,
    defaultCountry: null,
    forecast: { rows: 412, valid: 412, warnings: {}, rejected: {} },
    ...over,
  });
}
