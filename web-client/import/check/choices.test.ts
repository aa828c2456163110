import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { previewColumn, samplePreview } from '../../test/sample-previews.ts';
import { extraTarget, fieldsAsShown, likelyEmailColumn, withReading, withTarget } from './choices.ts';

const { columns } = samplePreview();

describe('a chosen target', () => {
  it('takes the field from the column that had it, which is kept as an extra', () => {
    const { mapping } = withTarget({}, columns, { index: 4, target: 'phone' });
    expect(mapping).toMatchObject({ Telefon: 'phone', Mobil: 'attributes.mobil' });
  });

  it('repeats what was said before, because the server forgets it otherwise', () => {
    const { mapping } = withTarget({}, columns, { index: 6, target: '' });
    expect(mapping).toEqual({ Firma: 'company', 'Interne Nummer': '', Notizen: '' });
  });

  it('is the same field in another form for both names of a person', () => {
    const named = [
      previewColumn({ index: 0, name: 'Name', target: 'fullName' }),
      previewColumn({ index: 1, name: 'Person', target: 'attributes.person' }),
    ];
    const { mapping } = withTarget({}, named, { index: 1, target: 'fullName.familyFirst' });
    expect(mapping).toEqual({ Name: 'attributes.name', Person: 'fullName.familyFirst' });
  });

  // `constructor` stood in every mapping already, and `__proto__` in none: what was chosen of such columns was lost.
  it('is kept for a column of any name', () => {
    const of = ['__proto__', 'constructor', 'toString'].map((name, index) =>
      previewColumn({ index, name, target: `attributes.${name.toLowerCase()}`, by: 'person' }),
    );
    const { mapping = {} } = withTarget({}, of, { index: 0, target: 'company' });
    expect(Object.entries(mapping)).toEqual([
      ['__proto__', 'company'],
      ['constructor', 'attributes.constructor'],
      ['toString', 'attributes.tostring'],
    ]);
  });

  it('never leads two columns to one field, and never loses what was said of another one', () => {
    const targets = fc.constantFrom('email', 'phone', 'phone.international', 'fullName', 'attributes.x', '');
    fc.assert(
      fc.property(
        fc.array(fc.record({ target: targets, isSaid: fc.boolean() }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        targets,
        (sample, place, target) => {
          const of = sample.map((column, index) =>
            previewColumn({
              index,
              name: `c${index}`,
              target: column.target,
              by: column.isSaid ? 'person' : null,
            }),
          );
          const index = place % of.length;
          const { mapping = {} } = withTarget({}, of, { index, target });
          expect(mapping[`c${index}`]).toBe(target);
          const shared = Object.values(mapping).filter((other) => other !== '' && other === target);
          expect(shared.length).toBeLessThanOrEqual(1);
          const said = sample.flatMap((column, at) => (column.isSaid ? [`c${at}`] : []));
          expect(Object.keys(mapping)).toEqual(expect.arrayContaining(said));
        },
      ),
    );
  });
});

it('another reading of the file forgets what was said of columns, and nothing else', () => {
  const before = { mapping: { a: 'email' }, defaultCountry: 'DE', delimiter: ';' };
  expect(withReading(before, { encoding: 'windows-1251' })).toEqual({
    mapping: undefined,
    defaultCountry: 'DE',
    delimiter: ';',
    encoding: 'windows-1251',
  });
});

it('an import reads the file as it was shown, also where nothing was chosen', () => {
  expect(fieldsAsShown(samplePreview(), {})).toEqual({
    encoding: 'windows-1252',
    delimiter: ';',
    headerLine: 1,
    defaultCountry: 'DE',
  });
  expect(fieldsAsShown(samplePreview({ defaultCountry: null }), {}).defaultCountry).toBeUndefined();
});

it('an import of a workbook reads the sheet that was shown', () => {
  const fields = fieldsAsShown(samplePreview({ sheet: 'Besucher', sheets: ['Besucher'] }), {});
  expect(fields).toEqual({ sheet: 'Besucher', headerLine: 1, defaultCountry: 'DE' });
});

describe('the likeliest e-mail column', () => {
  const named = (...names: string[]) =>
    names.map((name, index) => previewColumn({ index, name, target: extraTarget(name) }));

  it.each<[string, string[], string | null]>([
    ['has a word for it in its name', ['Name', 'Mailbox A', 'Ort'], 'Mailbox A'],
    ['is none where no name and no cell speaks for it', ['Name', 'Mailing City'], null],
    ['is none of no columns', [], null],
  ])('%s', (_what, names, expected) => {
    expect(likelyEmailColumn(named(...names))?.name ?? null).toBe(expected);
  });

  it('has cells that look like it', () => {
    const [first, second] = named('Kontakt', 'Mail-Typ');
    const kontakt = { ...first, samples: ['a@b.c', 'd@e.f'] } as NonNullable<typeof first>;
    expect(likelyEmailColumn([kontakt, ...(second === undefined ? [] : [second])])?.name).toBe('Kontakt');
  });
});
