import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));

/** Product files outside of `words/`. */
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter(
    (path) =>
      /\.tsx?$/.test(path) && !/\.test\.|\.d\.ts$|^(?:words|states|test|dist|node_modules)\//.test(path),
  )
  .filter((path) => path !== 'vite.config.ts');

/** Attributes that nobody reads or hears. */
const unreadAttributes = new Set(['class', 'd', 'viewBox', 'id', 'accept']);
/** Not read by people: header names, event types, keys and the like that look like words. */
const names = new Set(['Files', 'Retry-After', 'Escape']);

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Texts in the source that a person could read: text between tags, and strings that look like words. */
function readableTexts(path: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: Node, inTag: boolean): void => {
    if (node.type === 'JSXText' && /\p{L}/u.test(String(node.value))) found.push(String(node.value).trim());
    if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return;
    if (node.type === 'JSXAttribute' && isNode(node.name) && unreadAttributes.has(String(node.name.name)))
      return;
    if (node.type === 'Literal' && typeof node.value === 'string' && isReadable(node.value, inTag))
      found.push(node.value);
    if (node.type === 'TemplateElement' && isNode({ type: '', ...(node.value as object) })) {
      const { cooked } = node.value as { cooked: string };
      if (isReadable(cooked, inTag)) found.push(cooked);
    }
    const isTag = node.type === 'JSXExpressionContainer';
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, isTag);
    }
  };
  visit(parseSync(path, source).program as unknown as Node, false);
  return found;
}

/** A sentence has two words; a label is one word that begins with a capital letter. */
function isReadable(text: string, inTag: boolean): boolean {
  if (names.has(text)) return false;
  return (
    /\p{L}{2,}[,.:;!?…]?\s+\p{L}/u.test(text) ||
    /^\p{Lu}\p{Ll}+/u.test(text) ||
    (inTag && /^\p{Ll}+$/u.test(text))
  );
}

describe('sentences that a person reads', () => {
  it.each([
    ['text between tags', '<p>Drop it</p>', ['Drop it']],
    ['an attribute', '<p aria-label="Rows">{x}</p>', ['Rows']],
    ['a string', "const title = 'The file is empty';", ['The file is empty']],
    ['a part of a template', `const rows = \`\${n} rows so far\`;`, [' rows so far']],
    ['no class and no code', "const a = <p class=\"card wide\">{'-'}</p>; const b = 'token_missing';", []],
  ])('are found: %s', (_what, source, expected) => {
    expect(readableTexts('a.tsx', source)).toEqual(expected);
  });

  it('were looked for in every room', () => {
    const rooms = new Set(files.map((path) => path.split('/')[0]));
    for (const room of ['shell', 'following', 'import', 'contacts', 'support', 'app.tsx'])
      expect(rooms).toContain(room);
  });

  it.each(files)('stand in words/, not in %s', (path) => {
    expect(readableTexts(path, readFileSync(folder + path, 'utf8'))).toEqual([]);
  });
});
