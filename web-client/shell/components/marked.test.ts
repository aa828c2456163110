import { expect, it } from 'vitest';
import { markedParts } from './marked.tsx';

it('words are parted at their marks', () => {
  expect(markedParts('*Late.* See {place}, please')).toEqual([
    { kind: 'bold', text: 'Late.' },
    { kind: 'plain', text: ' See ' },
    { kind: 'slot', name: 'place' },
    { kind: 'plain', text: ', please' },
  ]);
});

it('a single asterisk and empty braces are no marks', () => {
  expect(markedParts('5 * 3 {}')).toEqual([{ kind: 'plain', text: '5 * 3 {}' }]);
});
