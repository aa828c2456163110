import { describe, expect, it } from 'vitest';
import { explainMissingEmail } from './email-column.ts';

function explain(header: readonly string[], ...rows: (readonly string[])[]): string {
  const problem = explainMissingEmail({ header, rows });
  if (problem === null) throw new Error('an e-mail column was recognised');
  const { title, detail, code } = problem;
  expect(code).toBe('no_email_column');
  expect(detail).toMatch(/Then choose the file again\.$/);
  expect(detail).not.toContain('map one');
  return `${title}. ${detail}`;
}

it('a file whose e-mail column is recognised needs no explanation', () => {
  expect(explainMissingEmail({ header: ['Name', 'E-Mail-Adresse'], rows: [] })).toBeNull();
});

it('a file whose e-mail column shows by its cells needs no explanation', () => {
  const rows = [['Mira', 'mira@example.org']];
  expect(explainMissingEmail({ header: ['wer', 'wohin'], rows })).toBeNull();
});

describe('a file without a recognised e-mail column', () => {
  it('has the column named whose name looks like it', () => {
    const said = explain(['Name', 'Kontakt-E-Mail (geschäftlich)'], ['Mira', '']);
    expect(said).toMatch(
      /^The e-mail column was not recognised\. It seems to be “Kontakt-E-Mail \(geschäftlich\)”\./,
    );
    expect(said).not.toContain('“Name”');
  });

  it('has all columns named that it may be', () => {
    expect(explain(['Mailbox A', 'Tel', 'Mailbox B', 'Mailing City'])).toContain(
      'one of “Mailbox A”, “Mailbox B”. Name the right one “email”',
    );
  });

  it('has its header listed where nothing looks like it', () => {
    expect(explain(['name', 'phone', ''], ['Mira', '1', ''])).toMatch(
      /^The file has no e-mail column\. The header reads “name”, “phone”\./,
    );
  });

  it('whose first line is a contact is told so, without the address', () => {
    const said = explain(['mira@example.org', 'Mira'], ['ada@example.org', 'Ada']);
    expect(said).toMatch(/^The file has no header row\./);
    expect(said).not.toContain('mira@example.org');
  });

  it.each([
    ['title lines', ['Kunden 2026', ''], ['', '']],
    ['the delimiter as Excel writes it', ['sep=', ''], ['E-Mail', 'Name']],
  ])('finds the header below %s', (_what, first, second) => {
    expect(explain(first, second, ['E-Mail', 'Name'])).toContain(
      'further down, in the line “E-Mail”, “Name”. Delete all that is above it.',
    );
  });

  it('has the header found below a line that hides the delimiter', () => {
    expect(explain(['Export 2025-01-06'], ['email;first name'], ['ada@example.org;Ada'])).toContain(
      'in the line “email”, “first name”. Delete all that is above it.',
    );
  });

  it('has the other delimiter of its header named', () => {
    expect(explain(['Name', ' Vorname;E-Mail'], ['Lovelace', ' Ada;ada@example.org'])).toMatch(
      /^The columns cannot be told apart\. They seem to be separated by “;”/,
    );
  });

  it('gets a short explanation, whatever its header is', () => {
    const said = explain(Array.from({ length: 500 }, (_, index) => `${index} ${'x'.repeat(300)}`));
    expect(said).toContain('and 488 more');
    expect(said.length).toBeLessThan(1_200);
  });
});
