import { describe, expect, it } from 'vitest';
import { importAddress, parseRoute } from './router.ts';

describe('addresses', () => {
  it.each([
    ['/', '', { page: 'import', importId: null }],
    ['/', '?import=', { page: 'import', importId: null }],
    ['/', '?import=01958f2a', { page: 'import', importId: '01958f2a' }],
    ['/contacts', '', { page: 'contacts', importId: null }],
    ['/contacts/', '?x=1&import=a', { page: 'contacts', importId: 'a' }],
    ['/support', '', { page: 'support', place: '', search: '' }],
    ['/support/', '?q=a', { page: 'support', place: '', search: '?q=a' }],
    ['/support/imports/1', '', { page: 'support', place: '/imports/1', search: '' }],
    ['/supporters', '', { page: 'unknown' }],
    ['/imports/1', '', { page: 'unknown' }],
  ])('%s%s', (pathname, search, route) => {
    expect(parseRoute(pathname, search)).toEqual(route);
  });

  it('lead back to the import they were made for', () => {
    const url = new URL(importAddress('a b&c=d'), 'http://localhost');
    expect(parseRoute(url.pathname, url.search)).toEqual({ page: 'import', importId: 'a b&c=d' });
  });
});
