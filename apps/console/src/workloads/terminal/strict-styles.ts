/**
 * xterm.js on a page whose policy forbids inline styles. It writes its sizes and colours into style elements and attributes, which the
 * policy drops; here they become constructed style sheets and properties, which it allows.
 */

/** Does the work, whose style elements keep to the policy: those that are made before it returns. */
export function withStrictStyles(work: () => void): void {
  const create = (tag: string): Element => document.createElementNS('http://www.w3.org/1999/xhtml', tag);
  Object.defineProperty(document, 'createElement', {
    configurable: true,
    value: (tag: string) => (tag === 'style' ? sheetElement(create('template')) : create(tag)),
  });
  try {
    work();
  } finally {
    // What is of the prototype comes back.
    Reflect.deleteProperty(document, 'createElement');
  }
}

/** An element that is not shown, whose text is the text of a sheet of the document for as long as it is not removed. */
function sheetElement(element: Element): Element {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text) });
  const remove = element.remove.bind(element);
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    remove();
  };
  return element;
}

/**
 * The cells of a terminal are spans, coloured by `setAttribute('style', …)`: from now on that sets the same properties in the way that
 * the policy allows. React and our own code set styles as properties anyway.
 */
export function allowStyledSpans(): void {
  HTMLSpanElement.prototype.setAttribute = function (name: string, value: string) {
    if (name === 'style') this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
  };
}
