/**
 * What is wrong with how a page is laid out, as far as a browser can tell: it scrolls sideways, text is cut or leaves its box, things
 * overlap or touch, a target is too small for a finger. Runs inside the page, so it stands alone: `page.evaluate(layoutFaults)`.
 *
 * @returns {string[]} each fault once, with the words where it is
 */
export function layoutFaults() {
  /** CSS pixels of a target's sides, at least: WCAG 2.2, 2.5.8. */
  const LEAST_TARGET = 24;
  /** CSS pixels between a box and what stands beside it, and above or below it, at least. */
  const LEAST_ACROSS = 4;
  const LEAST_ALONG = 6;
  /** Glyphs fill less than their line: this share of its height is empty above and below. */
  const EMPTY_SHARE = 0.15;
  const BOXES = 'button, input, select, textarea, .button, .badge, .callout, .card, .swatch, svg';
  const TARGETS = 'a[href], button, input, select, textarea, summary';

  /**
   * What the ancestors of an element say of it, and the element itself.
   *
   * @typedef {object} Frame
   * @property {Element} element
   * @property {Frame | null} outer
   * @property {CSSStyleDeclaration} style
   * @property {DOMRect} box
   * @property {Element | null} layer what is drawn above the page, and may cover it: a dialog, and what sticks to an edge
   */
  /** @typedef {{ element: Element, name: string, isBox: boolean, frame: Frame, left: number, right: number, top: number, bottom: number }} Thing */

  const root = document.querySelector('#app') ?? document.body;
  /** @type {Set<string>} */
  const faults = new Set();
  /** @type {Map<Element, Frame>} */
  const frames = new Map();

  /** @param {Element} element @returns {Frame} */
  const frameOf = (element) => {
    const known = frames.get(element);
    if (known !== undefined) return known;
    const style = getComputedStyle(element);
    const outer = element.parentElement === null ? null : frameOf(element.parentElement);
    const isLayer = element.localName === 'dialog' || /fixed|sticky/.test(style.position);
    const layer = isLayer ? element : (outer?.layer ?? null);
    const frame = { element, outer, style, box: element.getBoundingClientRect(), layer };
    frames.set(element, frame);
    return frame;
  };

  /** @param {string} text */
  const short = (text) => text.trim().replace(/\s+/g, ' ').slice(0, 60);

  /** @param {Element} element */
  const nameOf = (element) =>
    `<${[element.localName, ...element.classList].join('.')}> “${short(element.textContent ?? '')}”`;

  /** @param {Element} element */
  const isSeen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.closest('.unseen, .skip') === null;

  /** @param {CSSStyleDeclaration} style */
  const isPainted = ({ backgroundColor, borderTopWidth, borderBottomWidth }) =>
    backgroundColor !== 'rgba(0, 0, 0, 0)' || (borderTopWidth !== '0px' && borderBottomWidth !== '0px');

  /** Text or a box that leaves a box that is painted for it, or that an ancestor hides where it cannot be scrolled to. @param {Thing} thing */
  const findCut = ({ name, isBox, frame, left, right, top, bottom }) => {
    const across = isBox ? 0.5 : 1;
    const slack = isBox ? 0.5 : (bottom - top) * EMPTY_SHARE + 1;
    for (let at = /** @type {Frame | null} */ (frame); at !== null; at = at.outer) {
      const { element, style, box } = at;
      if (element === document.body) return;
      if (style.display === 'inline' || style.display === 'contents') continue;
      const overflow = `${style.overflowX} ${style.overflowY}`;
      // What is cut by an ellipsis says so, and what scrolls can be reached.
      if (style.textOverflow === 'ellipsis' || /auto|scroll/.test(overflow)) return;
      const hides = /hidden|clip/.test(overflow);
      if (!hides && !isPainted(style)) continue;
      const leaves =
        left < box.left - across ||
        right > box.right + across ||
        top < box.top - slack ||
        bottom > box.bottom + slack;
      if (leaves) faults.add(`${name} ${hides ? 'is cut by' : 'leaves'} ${nameOf(element)}`);
      if (/absolute|fixed/.test(style.position)) return;
    }
  };

  /** @type {Thing[]} */
  const things = [];
  const range = document.createRange();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const words = short(node.textContent ?? '');
    if (element === null || words === '' || element.closest('select') !== null || !isSeen(element)) continue;
    range.selectNodeContents(node);
    const frame = frameOf(element);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      const thing = { element, name: `“${words}”`, isBox: false, frame, left, right, top, bottom };
      things.push(thing);
      findCut(thing);
    }
  }
  for (const element of root.querySelectorAll(BOXES)) {
    if (!isSeen(element)) continue;
    const frame = frameOf(element);
    const { left, right, top, bottom } = frame.box;
    const thing = { element, name: nameOf(element), isBox: true, frame, left, right, top, bottom };
    things.push(thing);
    if (frame.outer !== null) findCut({ ...thing, frame: frame.outer });
  }

  /** The part of a thing that what lies around it lets be seen. @param {Thing} thing */
  const seenPart = (thing) => {
    let { left, right, top, bottom } = thing;
    const empty = thing.isBox ? 0 : (bottom - top) * EMPTY_SHARE;
    top += empty;
    bottom -= empty;
    for (let at = thing.isBox ? thing.frame.outer : thing.frame; at !== null; at = at.outer) {
      if (at.style.overflowX === 'visible' && at.style.overflowY === 'visible') continue;
      if (at.element === document.body || at.style.display === 'inline') continue;
      left = Math.max(left, at.box.left);
      right = Math.min(right, at.box.right);
      top = Math.max(top, at.box.top);
      bottom = Math.min(bottom, at.box.bottom);
    }
    return { ...thing, left, right, top, bottom };
  };

  const seen = things
    .map(seenPart)
    .filter(({ left, right, top, bottom }) => right - left > 1 && bottom - top > 1)
    .sort((a, b) => a.top - b.top);
  for (const [index, upper] of seen.entries()) {
    for (let next = index + 1; next < seen.length; next += 1) {
      const lower = /** @type {Thing} */ (seen[next]);
      if (lower.top >= upper.bottom + LEAST_ALONG) break;
      const across = Math.min(upper.right, lower.right) - Math.max(upper.left, lower.left);
      const along = Math.min(upper.bottom, lower.bottom) - lower.top;
      if (across <= -LEAST_ACROSS || Math.max(across, along) <= 1) continue;
      if (upper.frame.layer !== lower.frame.layer) continue;
      if (upper.element.contains(lower.element) || lower.element.contains(upper.element)) continue;
      if (across > 1 && along > 1) faults.add(`overlap: ${upper.name} and ${lower.name}`);
      else if (upper.isBox || lower.isBox) faults.add(`touch: ${upper.name} and ${lower.name}`);
    }
  }

  for (const element of root.querySelectorAll(TARGETS)) {
    if (!isSeen(element) || frameOf(element).style.display === 'inline') continue;
    const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
    // An input that is drawn by its label is a pixel or less.
    if (Math.min(width, height) >= LEAST_TARGET || Math.max(width, height) < 2) continue;
    faults.add(`a target of ${width.toFixed(1)} × ${height.toFixed(1)} px: ${nameOf(element)}`);
  }

  // A panel lies over the page, and scrolls by itself.
  for (const scroller of [document.documentElement, ...document.querySelectorAll('dialog[open]')]) {
    const over = scroller.scrollWidth - scroller.clientWidth;
    if (over <= 0) continue;
    const end = scroller.getBoundingClientRect().left + scroller.clientWidth;
    const beyond = [...frames.values()].filter(
      ({ element, box }) => scroller.contains(element) && box.right > end,
    );
    const names = beyond.slice(-3).map(({ element }) => nameOf(element));
    faults.add(`scrolls sideways by ${over} px: ${names.join(' | ')}`);
  }
  return [...faults];
}
