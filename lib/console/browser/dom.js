// @ts-check
/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */
/** @typedef {Node | string | number | null | undefined | false} Child */

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * An element.
 * @param {string} tag
 * @param {Attributes} [attributes] undefined, null and false: left out
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * An element of a drawing.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {(Child | Child[])[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== null && value !== false)
      element.setAttribute(name, value === true ? '' : `${value}`);
  for (const child of children.flat())
    if (child !== null && child !== undefined && child !== false)
      element.append(child instanceof Node ? child : String(child));
  return element;
}

/**
 * Makes what is shown look like something else, and keeps what is the same: focus, selection and open details stay.
 * @param {Element} shown
 * @param {...Node} wanted
 */
export function morph(shown, ...wanted) {
  for (const [index, next] of wanted.entries()) {
    const present = shown.childNodes[index];
    if (!present) shown.append(next);
    else if (!isAlike(present, next)) present.replaceWith(next);
    else if (present instanceof Element && next instanceof Element) {
      takeAttributes(present, next);
      morph(present, ...next.childNodes);
    } else if (present.nodeValue !== next.nodeValue) present.nodeValue = next.nodeValue;
  }
  while (shown.childNodes.length > wanted.length) shown.lastChild?.remove();
}

/**
 * @param {Node} one
 * @param {Node} other
 */
function isAlike(one, other) {
  return one.nodeName === other.nodeName && idOf(one) === idOf(other);
}

/** @param {Node} node */
function idOf(node) {
  return node instanceof Element ? node.id || node.getAttribute('data-key') || '' : '';
}

/**
 * @param {Element} shown
 * @param {Element} wanted
 */
function takeAttributes(shown, wanted) {
  for (const { name } of Array.from(shown.attributes))
    if (!wanted.hasAttribute(name) && name !== 'open') shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
}
