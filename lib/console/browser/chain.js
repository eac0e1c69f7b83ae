// @ts-check
import { actionBar, perform } from './actions.js';
import { get, messageOf } from './api.js';
import { h, morph } from './dom.js';
import { duration, moment, now, setClock, tick } from './time.js';
import { timeline } from './timeline.js';
import { chip, count, lookOf, sentence } from './words.js';

/** One chain: how it stands, what happened to it, and what can be done.
 * @param {HTMLElement} main
 * @param {URLSearchParams} query */
export function chainView(main, query) {
  const key = query.get('key') ?? '';
  const picture = h('div', { class: 'picture' });
  const root = h('div', {});
  /** @type {import('../wire.js').ChainJson | undefined} */
  let chain;
  let isGone = false;
  main.replaceChildren(root);
  morph(root, heading(key), h('p', { class: 'empty' }, 'Looking …'));

  async function load() {
    try {
      const found = /** @type {import('../wire.js').ChainJson} */ (await get('chain', { key }));
      if (isGone) return;
      chain = found;
      setClock(found.seenAt);
      morph(root, ...draw(found));
      root.querySelector('#picture')?.replaceChildren(picture);
      paint();
    } catch (error) {
      if (!isGone)
        morph(root, heading(key), h('p', { class: 'problem', role: 'alert' }, messageOf(error)));
    }
  }

  function paint() {
    if (chain) morph(picture, timeline(chain, Math.max(260, picture.clientWidth || 600)));
  }

  root.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-action]') : null;
    const name = button?.getAttribute('data-action');
    if (name && chain) void perform(name, chain).then(load);
  });
  const timer = setInterval(() => chain?.state === 'held' && paint(), 1_000);
  addEventListener('resize', paint);
  void load();
  return {
    title: key,
    snapshot: () => void load(),
    leave() {
      isGone = true;
      clearInterval(timer);
      removeEventListener('resize', paint);
    },
  };
}

/** @param {string} key
 * @param {Node} [mark] */
function heading(key, mark) {
  return h('div', { class: 'heading' }, h('h1', { class: 'key' }, key), ...(mark ? [mark] : []));
}

/** @param {import('../wire.js').ChainJson} chain */
function draw(chain) {
  return [
    heading(chain.key, chip(chain)),
    h('p', { class: `sentence ${lookOf(chain)}`, id: 'sentence' }, ...sentence(chain)),
    actionBar(chain),
    ...(chain.error ? [errorCard(chain)] : []),
    h(
      'section',
      { class: 'card', 'data-key': 'timeline', 'aria-labelledby': 'timeline-title' },
      h('h2', { id: 'timeline-title' }, 'Timeline'),
      h('div', { id: 'picture' }),
      historyOf(chain),
    ),
    h(
      'section',
      { class: 'card', 'data-key': 'facts', 'aria-labelledby': 'facts' },
      h('h2', { id: 'facts' }, 'The lock'),
      facts(factsOf(chain)),
    ),
    ...(chain.properties
      ? [
          h(
            'section',
            { class: 'card', 'data-key': 'properties', 'aria-labelledby': 'properties' },
            h('h2', { id: 'properties' }, 'The entity'),
            facts(Object.entries(chain.properties).map(([name, value]) => [name, shown(value)])),
          ),
        ]
      : []),
  ];
}

/** @param {import('../wire.js').ChainJson} chain */
function errorCard({ error, state, tries }) {
  const title = state === 'failed' ? 'Why it failed' : tries > 0 ? 'Last error' : 'Last reason';
  return h(
    'section',
    { class: 'card', 'data-key': 'error', 'aria-labelledby': 'error' },
    h('h2', { id: 'error' }, title),
    h('pre', { class: 'error', tabindex: '0' }, error),
  );
}

/** @param {import('../wire.js').ChainJson} chain */
function historyOf(chain) {
  const { history, tries } = chain;
  if (history.length === 0) {
    const isKept = chain.step <= 1 && chain.step >= 0 && tries === 0;
    return h(
      'p',
      { class: 'hint' },
      isKept
        ? 'No attempt has ended yet.'
        : 'No history is kept: the option historyLength is 0. Only the present is shown.',
    );
  }
  return h(
    'details',
    {},
    h(
      'summary',
      {},
      `The same as a table, and what came before: ${count(history.length, 'transition')}`,
    ),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'History' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['When', 'Step', 'Attempt', 'Outcome', 'Took'].map((head) =>
              h('th', { scope: 'col' }, head),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          history
            .toReversed()
            .map(
              (
                /** @type {import('../wire.js').TransitionJson} */ {
                  at,
                  step,
                  attempt,
                  outcome,
                  ms,
                },
              ) =>
                h(
                  'tr',
                  {},
                  h('td', {}, moment(at)),
                  h('td', { class: 'number' }, step),
                  h('td', { class: 'number' }, attempt),
                  h('td', {}, outcome),
                  h('td', { class: 'number' }, ms === undefined ? '–' : duration(ms)),
                ),
            ),
        ),
      ),
    ),
  );
}

/** @param {import('../wire.js').ChainJson} chain
 * @returns {[string, unknown][]} */
function factsOf(chain) {
  const { holder, at = 0 } = chain;
  /** @type {[string, unknown][]} */
  const all = [
    ['Task', chain.task],
    ['Queue', chain.queue],
    ['Next dispatch', chain.state === 'ready' && at > now() ? tick('in', at) : undefined],
    ['The sweep looks', chain.due && tick('in', chain.due)],
    ['Last change', chain.timestamp && tick('ago', chain.timestamp)],
    ['Failed attempts', chain.tries || undefined],
    ['Postponed', chain.postponed || undefined],
    ['Dispatches nobody took up', chain.missed || undefined],
    ['Dispatch number', chain.number || undefined],
    ['Arrivals lacking', chain.arrivals > 0 ? chain.arrivals : undefined],
    ['Holder', holder?.instance],
    ['Its request', holder?.requestId],
    ['Its trace', holder?.trace],
    ['Deliveries before', holder?.retryCount || undefined],
    ['Lease', chain.leaseId],
    ['Run', chain.run],
  ];
  return all.filter(([, value]) => value !== undefined && value !== '');
}

/** @param {[string, unknown][]} entries */
function facts(entries) {
  return h(
    'dl',
    { class: 'facts' },
    entries.map(([name, value]) =>
      h(
        'div',
        { 'data-key': name },
        h('dt', {}, name),
        h('dd', {}, value instanceof Node ? value : String(value)),
      ),
    ),
  );
}

/** @param {unknown} value */
function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
