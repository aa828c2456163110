// What a style sheet of our pages becomes in the shadow tree of the element.

/** Pixels of a rem in a condition, whatever size the page around gives its root. */
const REM_PX = 16;

/**
 * A style sheet of our pages as one for a shadow tree: its root is the host, a narrow element is drawn as a narrow page, and lengths
 * and tokens may be set from outside, as `--tidings-rem`, `--tidings-accent` and so on.
 *
 * @param {string} text
 * @param {boolean} declaresTokens whether its custom properties are the tokens
 */
export function forShadow(text, declaresTokens) {
  const [rooted, conditions] = takeConditions(
    text.replaceAll(':root', ':host').replace(/^html \{/m, ':host {'),
  );
  const sized = rooted.replace(/(-?\d*\.?\d+)rem\b/g, 'calc($1 * var(--tidings-rem, 1rem))');
  const themed = declaresTokens
    ? sized.replace(/^(\s*--)([\w-]+):([^;]+);/gm, '$1$2: var(--tidings-$2,$3);')
    : sized;
  return themed.replace(/@@(\d+)/g, (_match, index) => conditions[index] ?? '');
}

/**
 * Puts numbers in the place of what stands between an @ and its brace: no variable may stand there.
 * @param {string} text
 * @returns {[string, string[]]}
 */
function takeConditions(text) {
  /** @type {string[]} */
  const conditions = [];
  const without = text.replace(/@(media|container)([^{]+)/g, (whole, name, condition) => {
    const isWidth = whole.startsWith('@media') && condition.includes('-width');
    const inPixels = condition.replace(
      /([\d.]+)rem/g,
      (/** @type {string} */ _rem, /** @type {string} */ count) => `${Number(count) * REM_PX}px`,
    );
    conditions.push(isWidth ? `@container tidings${inPixels}` : `@${name}${inPixels}`);
    return `@@${conditions.length - 1}`;
  });
  return [without, conditions];
}
