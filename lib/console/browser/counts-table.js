// @ts-check
import { h } from './dom.js';
import { count } from './words.js';

/** @typedef {'failed' | 'overdue' | 'held' | 'ready' | 'waiting' | 'failedLately'} Figure */

/** @param {number} number
 * @param {boolean} isComplete */
export function atLeast(number, isComplete) {
  return isComplete ? number.toLocaleString() : `≥ ${number.toLocaleString()}`;
}

/** @param {readonly import('../wire.js').CountsJson[]} counts
 * @param {number} leftOut */
export function countsTable(counts, leftOut) {
  const hasNamespaces = counts.some(({ namespace }) => namespace !== '');
  const heads = ['Failed', 'Overdue', 'Running', 'Due or scheduled', 'Waiting', 'Failed in 24 h'];
  return h(
    'section',
    { class: 'card', 'data-key': 'kinds', 'aria-labelledby': 'kinds' },
    h('h2', { id: 'kinds' }, 'By kind'),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Figures by kind' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Kind'),
            hasNamespaces && h('th', { scope: 'col' }, 'Namespace'),
            ...heads.map((head) => h('th', { scope: 'col', class: 'number' }, head)),
          ),
        ),
        h(
          'tbody',
          {},
          counts.map((one) => countRow(one, hasNamespaces)),
        ),
      ),
    ),
    leftOut > 0 &&
      h(
        'p',
        { class: 'hint' },
        `${count(leftOut, 'further combination')} of kind and namespace: see Chains.`,
      ),
  );
}

/** @param {import('../wire.js').CountsJson} one
 * @param {boolean} hasNamespaces */
function countRow(one, hasNamespaces) {
  const { kind, namespace, isComplete } = one;
  const cell = (/** @type {Figure} */ name, /** @type {string} */ state, isExact = false) => {
    const figure = isExact ? one[name].toLocaleString() : atLeast(one[name], isComplete);
    const query = new URLSearchParams({ kind, namespace, state });
    const look =
      one[name] === 0 ? 'zero' : state === 'failed' ? 'bad' : state === 'overdue' ? 'warn' : '';
    return h(
      'td',
      { class: `number ${look}` },
      h('a', { href: `#/chains?${query}`, 'aria-label': `${figure} ${state} of ${kind}` }, figure),
    );
  };
  return h(
    'tr',
    { 'data-key': `${namespace}:${kind}` },
    h('th', { scope: 'row' }, kind),
    hasNamespaces && h('td', {}, namespace || h('span', { class: 'hint' }, 'default')),
    cell('failed', 'failed', true),
    cell('overdue', 'overdue', true),
    cell('held', 'held'),
    cell('ready', 'ready'),
    cell('waiting', 'waiting'),
    h(
      'td',
      { class: `number ${one.failedLately === 0 ? 'zero' : ''}` },
      atLeast(one.failedLately, isComplete),
    ),
  );
}
