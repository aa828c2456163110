import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.css') && !/^(?:dist|node_modules)\//.test(name))
  .map((name) => ({ name, text: readFileSync(folder + name, 'utf8') }));

/** Pixels of the scale of spaces; below it stand the hairlines between the cells and marks of one picture. */
const spaces = new Set([0, 1, 2, 3, 4, 8, 12, 16, 24, 40]);
const REM_PX = 16;

/** Every value of the properties, as `file: value`, of those that are not taken. */
function strayValues(properties: RegExp, isTaken: (value: string) => boolean): string[] {
  return files.flatMap(({ name, text }) =>
    [...text.matchAll(/^\s*([\w-]+):\s*([^;{}]+);/gm)]
      .filter(([, property = '']) => properties.test(property))
      .map(([, , value = '']) => value.replace(/\s+/g, ' '))
      .filter((value) => !isTaken(value))
      .map((value) => `${name}: ${value}`),
  );
}

const lengthsIn = (value: string) =>
  [...value.matchAll(/(-?[\d.]+)(rem|px)/g)].map(
    ([, count, unit]) => Number(count) * (unit === 'rem' ? REM_PX : 1),
  );

describe('the style sheets', () => {
  it('are all of the pages', () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it('have five sizes of type, and two weights', () => {
    const sizes = ['0.8125rem', '0.9375rem', '1rem', '1.25rem', '1.75rem', 'inherit'];
    expect(strayValues(/^font-size$/, (value) => sizes.includes(value))).toEqual([]);
    expect(strayValues(/^font-weight$/, (value) => ['400', '650'].includes(value))).toEqual([]);
  });

  it('part things by one scale', () => {
    const areSpaces = (value: string) => lengthsIn(value).every((pixels) => spaces.has(Math.abs(pixels)));
    expect(strayValues(/^(?:(?:row-|column-)?gap|(?:margin|padding)(?:-[\w-]+)?)$/, areSpaces)).toEqual([]);
  });

  it('round cards and controls by their tokens, badges to pills, and marks by a hair', () => {
    const taken = /^(?:var\(--radius(?:-small)?\)|1rem|50%|[0-3](?:px)?)$/;
    expect(strayValues(/^border-radius$/, (value) => taken.test(value))).toEqual([]);
  });

  it('take every colour from the theme', () => {
    const colour = /#[\da-f]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch)a?\(/i;
    const elsewhere = files.filter(({ name }) => name !== 'shell/styles/theme.css');
    expect(elsewhere.filter(({ text }) => colour.test(text)).map(({ name }) => name)).toEqual([]);
  });
});
