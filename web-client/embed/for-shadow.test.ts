import { expect, test } from 'vitest';
import { forShadow } from './for-shadow.mjs';

test('the root of a page becomes the host, and its tokens may be set from outside', () => {
  const tokens = forShadow(
    ':root {\n  color-scheme: light dark;\n  --ink: light-dark(#000, #fff);\n}\n',
    true,
  );
  expect(tokens).toContain(':host {');
  expect(tokens).toContain('--ink: var(--tidings-ink, light-dark(#000, #fff));');
  expect(tokens).toContain('color-scheme: light dark;');
  expect(forShadow('html {\n  --own: 1;\n}', false)).toBe(':host {\n  --own: 1;\n}');
});

// A site that gives its root 10 px would otherwise see an element of five eighths of its size.
test('lengths follow a unit that may be set from outside, also inside of functions', () => {
  expect(forShadow('a { margin: -0.7rem; width: calc(100% - 1.4rem); }', false)).toBe(
    'a { margin: calc(-0.7 * var(--tidings-rem, 1rem)); width: calc(100% - calc(1.4 * var(--tidings-rem, 1rem))); }',
  );
});

test('what a page does in a narrow window, the element does where it is narrow itself', () => {
  const narrow = forShadow('@media (max-width: 40rem) {\n  a { gap: 1rem; }\n}', false);
  expect(narrow).toContain('@container tidings (max-width: 640px) {');
  expect(narrow).toContain('gap: calc(1 * var(--tidings-rem, 1rem))');
  expect(forShadow('@media (forced-colors: active) {}', false)).toBe('@media (forced-colors: active) {}');
  expect(forShadow('@container (min-width: 7.5rem) {}', false)).toBe('@container (min-width: 120px) {}');
});
