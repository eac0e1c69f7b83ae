// @ts-check
import { get, messageOf } from './api.js';
import { h, morph } from './dom.js';
import { setClock } from './time.js';
import { chip, count, linkTo, stepOf, whenOf } from './words.js';

const states = [
  ['owing', 'all under way'],
  ['failed', 'failed'],
  ['overdue', 'overdue'],
  ['held', 'running'],
  ['ready', 'due or scheduled'],
  ['waiting', 'waiting for arrivals'],
  ['any', 'whatever is stored'],
];

/** Chains by kind, namespace and state, or by key, page by page.
 * @param {HTMLElement} main
 * @param {URLSearchParams} query */
export function listView(main, query) {
  const filter = {
    kind: query.get('kind') ?? '',
    namespace: query.get('namespace') ?? '',
    state: query.get('state') ?? 'owing',
    search: query.get('search') ?? '',
  };
  const form = h('form', { class: 'filters', role: 'search' });
  const results = h('div', { 'data-key': 'results' });
  let asked = 0;
  let isBuilt = false;
  /** @type {readonly import('../wire.js').ChainJson[]} */
  let shown = [];

  /** @param {string} [cursor] */
  async function load(cursor = '') {
    const mine = ++asked;
    try {
      const page = /** @type {import('../wire.js').PageJson} */ (
        await get('chains', { ...filter, cursor })
      );
      if (mine !== asked) return;
      shown = cursor ? [...shown, ...page.chains] : page.chains;
      if (page.chains[0]) setClock(page.chains[0].seenAt);
      morph(results, ...draw(page.cursor));
    } catch (error) {
      if (mine === asked)
        morph(results, h('p', { class: 'problem', role: 'alert' }, messageOf(error)));
    }
  }

  /** @param {string | undefined} cursor */
  function draw(cursor) {
    const many = cursor ? `${count(shown.length, 'chain')} so far` : count(shown.length, 'chain');
    if (shown.length === 0 && !cursor)
      return [
        h(
          'p',
          { class: 'empty', role: 'status' },
          filter.search ? 'No key is that, or begins so.' : 'There is none.',
        ),
      ];
    const more = h('button', { type: 'button', id: 'more' }, 'Show more');
    more.addEventListener('click', () => void load(cursor));
    return [
      h('p', { class: 'hint', role: 'status' }, many),
      h(
        'table',
        { class: 'list' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['State', 'Key', 'Step', 'Attempts', 'When', 'Last error'].map((head) =>
              h('th', { scope: 'col' }, head),
            ),
          ),
        ),
        h('tbody', {}, shown.map(line)),
      ),
      // A new button each time: the one before goes on at another place.
      ...(cursor ? [h('p', { class: 'more', 'data-key': cursor }, more)] : []),
    ];
  }

  /** @param {import('../wire.js').SnapshotJson} snapshot */
  function build({ kinds, namespaces }) {
    filter.kind ||= kinds[0] ?? '';
    morph(
      form,
      field(
        'kind',
        'Kind',
        kinds.map((/** @type {string} */ kind) => [kind, kind]),
        filter.kind,
      ),
      ...(namespaces.length > 1
        ? [
            field(
              'namespace',
              'Namespace',
              namespaces.map((/** @type {string} */ one) => [one, one || 'default']),
              filter.namespace,
            ),
          ]
        : []),
      field('state', 'State', states, filter.state),
      h(
        'label',
        { class: 'search' },
        h('span', {}, 'Key'),
        h('input', {
          id: 'search',
          name: 'search',
          type: 'search',
          value: filter.search,
          placeholder: 'an id, or how a name begins',
          autocomplete: 'off',
          spellcheck: 'false',
        }),
      ),
      h('button', { type: 'submit', class: 'primary' }, 'Look'),
    );
  }

  function apply() {
    const data = new FormData(/** @type {HTMLFormElement} */ (form));
    for (const [name, value] of data) Object.assign(filter, { [name]: value });
    history.replaceState(null, '', `#/chains?${new URLSearchParams(filter)}`);
    void load();
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener('change', apply);
  main.replaceChildren(h('h1', {}, 'Chains'), form, results);
  return {
    title: 'Chains',
    /** @param {import('../wire.js').SnapshotJson} snapshot */
    snapshot(snapshot) {
      if (isBuilt) return;
      isBuilt = true;
      build(snapshot);
      void load();
    },
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string[][]} options
 * @param {string} chosen
 */
function field(name, label, options, chosen) {
  const choices = options.map(([value, text]) =>
    h('option', { value, selected: value === chosen }, text ?? ''),
  );
  return h('label', {}, h('span', {}, label), h('select', { name }, choices));
}

/** @param {import('../wire.js').ChainJson} chain */
function line(chain) {
  return h(
    'tr',
    { 'data-key': chain.key },
    h('td', { 'data-label': 'State' }, chip(chain)),
    h('th', { scope: 'row' }, h('a', { href: linkTo(chain), class: 'key' }, chain.key)),
    h('td', { 'data-label': 'Step' }, stepOf(chain)),
    h(
      'td',
      { 'data-label': 'Attempts', class: chain.tries > 0 ? '' : 'none' },
      chain.tries > 0 ? `${chain.tries} failed` : '–',
    ),
    h('td', { 'data-label': 'When' }, h('span', {}, ...whenOf(chain))),
    h(
      'td',
      { 'data-label': 'Last error', class: chain.error ? 'error' : 'none' },
      chain.error?.split('\n')[0] ?? '',
    ),
  );
}
