import { auditActions } from '@tidings/contracts/services/support.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditAddress, givers, readAuditQuery } from './audit-query.ts';

it('what is asked for comes back from its address', () => {
  const query = fc.record({
    q: fc.string({ maxLength: 200, unit: 'grapheme-ascii' }).map((text) => text.trim()),
    action: fc.option(fc.constantFrom(...auditActions)),
    who: fc.option(fc.constantFrom(...givers)),
  });
  fc.assert(
    fc.property(query, (asked) => {
      const address = new URL(auditAddress(asked), 'http://tidings.example');
      expect(address.pathname).toBe('/support/audit');
      expect(readAuditQuery(address.search)).toEqual(asked);
    }),
  );
});

// It was handed on without its blanks as soon as the page was open, as a step, from which the way back led to it again.
it('a text of an address has no blanks around it, which nobody looks for', () => {
  expect(readAuditQuery('?q=+spring+').q).toBe('spring');
});

it('an address of somebody asks for nothing that there is not', () => {
  expect(readAuditQuery(`?action=dance&who=nobody&q=${'x'.repeat(900)}`)).toEqual({
    ...{ action: null, who: null, q: 'x'.repeat(200) },
  });
});
