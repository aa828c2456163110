import { ProblemError } from '@tidings/client/index.ts';
import { expect, it } from 'vitest';
import { faultAfter, faultBefore } from './address-fault.ts';

const refusal = (field?: string) =>
  new ProblemError({ status: 400, code: 'invalid_request', detail: 'No.', retriable: false, field });

// “Add webhook” with an empty field did nothing at all.
it.each([
  ['', 'missing'],
  ['my server', 'no_address'],
  ['https://example.org/hook', null],
  ['http://127.0.0.1:4000/hook', null],
] as const)('before it is sent, %j is %s', (address, fault) => {
  expect(faultBefore(address)).toBe(fault);
});

// The page showed “The request is not valid. `url`: It is no https address.” in every language.
it.each([
  ['ftp://example.org/hook', 'not_https'],
  ['http://example.org/hook', 'not_https'],
  ['https://me:secret@example.org/hook', 'credentials'],
  ['https://10.0.0.7/hook', 'not_public'],
] as const)('once the service has refused it, %j is %s', (address, fault) => {
  expect(faultAfter(address, refusal('url'))).toBe(fault);
});

it('what is refused for another reason is no fault of the address', () => {
  for (const error of [refusal(), refusal('types'), new Error('No.')])
    expect(faultAfter('https://example.org/hook', error)).toBeNull();
});
