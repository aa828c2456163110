/** The script of `<tidings-import>`. It defines the element, and changes nothing else of the page. */
import { options } from 'preact';
import { TidingsImport } from './import-element.tsx';

/** Headings stand one level below those of a page of their own: the page around has its own first one. */
const LEVELS_BELOW = 1;

const earlier = options.vnode;
options.vnode = (vnode) => {
  const level = /^h([1-6])$/.exec(typeof vnode.type === 'string' ? vnode.type : '')?.[1];
  if (level !== undefined) Object.assign(vnode.props, { 'aria-level': Number(level) + LEVELS_BELOW });
  earlier?.(vnode);
};

// A page may have the script twice, by two addresses.
if (customElements.get('tidings-import') === undefined)
  customElements.define('tidings-import', TidingsImport);
