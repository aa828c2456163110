/**
 * The style sheets of the element. Each part brings its own as text, which becomes a sheet that every element adopts: a page may
 * forbid styles that stand in it, and its own styles stay outside.
 */
const sheets: CSSStyleSheet[] = [];
const roots = new Set<ShadowRoot>();

export function addStyles(text: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  sheets.push(sheet);
  for (const root of roots) root.adoptedStyleSheets = sheets;
}

/** @returns a function that ends it: later sheets then stay away */
export function adoptStyles(root: ShadowRoot): () => void {
  roots.add(root);
  root.adoptedStyleSheets = sheets;
  return () => void roots.delete(root);
}
