import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.tsx') && !/^(?:states|dist|node_modules)\//.test(path));

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

interface Mistakes {
  /** Buttons that go away under a condition, and do not hand the focus on. */
  losesFocus: number;
  /** Fields that are wrong, and whose description does not say why. */
  untied: number;
}

function mistakesOf(path: string, source: string): Mistakes {
  const found: Mistakes = { losesFocus: 0, untied: 0 };
  const visit = (node: Node, mayGo: boolean): void => {
    if (node.type === 'JSXOpeningElement') {
      const names = attributesOf(node);
      if (mayGo && nameOf(node) === 'button' && !names.includes('ref')) found.losesFocus += 1;
      const isTied = names.includes('aria-describedby') && !names.includes('aria-errormessage');
      if (names.includes('aria-invalid') && !isTied) found.untied += 1;
    }
    const goes = mayGo || node.type === 'LogicalExpression' || node.type === 'ConditionalExpression';
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, goes);
  };
  visit(parseSync(path, source).program as unknown as Node, false);
  return found;
}

function nameOf({ name }: Node): unknown {
  return isNode(name) ? name.name : undefined;
}

function attributesOf({ attributes }: Node): unknown[] {
  return Array.isArray(attributes) ? attributes.filter(isNode).map(nameOf) : [];
}

describe('markup', () => {
  it.each([
    ['a button under a condition', '<p>{a && <button type="button" />}</p>', { losesFocus: 1, untied: 0 }],
    ['one that stays', '<p><button type="button" /></p>', { losesFocus: 0, untied: 0 }],
    ['one whose focus is seen to', '<p>{a && <button ref={b} />}</p>', { losesFocus: 0, untied: 0 }],
    ['a wrong field', '<input aria-invalid={a} aria-errormessage="b" />', { losesFocus: 0, untied: 1 }],
    ['a tied field', '<input aria-invalid={a} aria-describedby="b" />', { losesFocus: 0, untied: 0 }],
  ])('is judged: %s', (_what, source, expected) => {
    expect(mistakesOf('a.tsx', source)).toEqual(expected);
  });

  // Focus fell to the body with buttons that went away, and an error was heard only once, as an alert.
  it.each(files)('keeps the focus, and ties errors to their fields: %s', (path) => {
    expect(mistakesOf(path, readFileSync(folder + path, 'utf8'))).toEqual({ losesFocus: 0, untied: 0 });
  });
});
