import { expect, it } from 'vitest';
import { documentTitles } from '../words/words.ts';
import { sections } from './support-nav.tsx';
import { supportTitle } from './support-title.ts';

// Every part was called “All imports” in tabs, in the history and by screen readers.
it('each part of support’s pages has a title of its own, and a story has that of its file', () => {
  const titles = sections.map(({ address }) => supportTitle(address.slice('/support'.length)));
  expect(new Set([...titles, documentTitles.webhooks, supportTitle('/nowhere')]).size).toBe(
    sections.length + 2,
  );
  for (const title of titles) expect(title).toMatch(/^\S.* – Tidings$/);
  expect(supportTitle('/imports/01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90')).toBeNull();
});
