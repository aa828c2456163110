import { describe, expect, it } from 'vitest';
import { throwFault } from '../errors.ts';
import { guessColumns } from './guess-columns.ts';
import { requireEmailColumn } from './require-email.ts';

describe('a header without e-mail addresses', () => {
  const refusal = (header: string[], line = 3) => {
    try {
      requireEmailColumn(
        header,
        guessColumns(header).map((guess) => guess?.target ?? null),
        line,
        throwFault,
      );
    } catch (error) {
      return error;
    }
    return null;
  };

  it('is refused with its line and its names, and with what can be done', () => {
    expect(refusal(['name', 'phone'])).toMatchObject({
      code: 'no_email_column',
      line: 3,
      message:
        'No column holds e-mail addresses. The header reads “name”, “phone”. Name one column “email”, and drop the file again.',
    });
    expect(refusal(['email'])).toBeNull();
  });

  it('is shown in part where it is long', () => {
    const header = [
      `${'x'.repeat(39)}😀${'y'.repeat(60_000)}`,
      ...Array.from({ length: 999 }, (_, n) => `c${n}`),
    ];
    const { message } = refusal(header) as Error;
    expect(message).toContain(`“${'x'.repeat(39)}”, “c0”`);
    expect(message).toContain('“c18” and 980 more');
    expect(message.length).toBeLessThan(1_200);
  });
});
