const CONTROLS = 'a[href],button,input,label,select,summary,textarea';

/**
 * The second click of a double click goes to what has come in the place of the button that the first one has pressed. Nobody has meant
 * that, so it does nothing there. What is pressed by the keyboard has no count of clicks.
 */
export function keepDoubleClicks(root: Document | ShadowRoot): void {
  let first: Element | null = null;
  root.addEventListener(
    'click',
    (event) => {
      if (!(event instanceof MouseEvent) || event.detail === 0) return;
      const control = controlOf(event.target);
      if (event.detail === 1) first = control;
      else if (control !== null && control !== first) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    { capture: true },
  );
}

/** A press on a label is one on its field, too. */
function controlOf(target: EventTarget | null): Element | null {
  const control = target instanceof Element ? target.closest(CONTROLS) : null;
  return control instanceof HTMLLabelElement ? (control.control ?? control) : control;
}
