// @ts-check
import { get, listen } from './api.js';
import { chainView } from './chain.js';
import { h, morph } from './dom.js';
import { emulatorView } from './emulator.js';
import { listView } from './list.js';
import { overviewView } from './overview.js';
import { setClock, startTicking } from './time.js';

/**
 * A view draws itself into `main`; `snapshot` is called with the first and every further snapshot.
 * @typedef {{ title: string, snapshot?: (snapshot: import('../wire.js').SnapshotJson) => void, leave?: () => void }} View
 */

/** @type {Record<string, (main: HTMLElement, query: URLSearchParams) => View>} */
const views = { '': overviewView, chains: listView, chain: chainView, emulator: emulatorView };

const main = byId('main');
/** @type {View} */
let view = { title: '' };
/** @type {import('../wire.js').SnapshotJson | undefined} */
let latest;
let shownPlace = '';

function show() {
  const [name = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const make = views[name] ?? overviewView;
  const isFirst = shownPlace === '';
  const isSamePlace = shownPlace === `${name}?` && name === 'chains';
  shownPlace = name === 'chains' ? 'chains?' : `${name}:${query}`;
  view.leave?.();
  view = make(main, new URLSearchParams(query));
  document.title = `${view.title} · Locker`;
  navigation(name);
  if (latest) view.snapshot?.(latest);
  // Whoever listens to a screen reader is told where they are; typing in a filter goes on.
  if (!isFirst && !isSamePlace) {
    window.scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

/** @param {string} current */
function navigation(current) {
  const entries = [
    ['', 'Overview'],
    ['chains', 'Chains'],
    ...(latest?.hasEmulator ? [['emulator', 'Emulator']] : []),
  ];
  const links = entries.map(([name, text]) =>
    h('a', { href: `#/${name}`, 'aria-current': name === current ? 'page' : undefined }, text),
  );
  morph(byId('nav'), ...links);
}

/** @param {import('../wire.js').SnapshotJson} snapshot */
function take(snapshot) {
  const isFirst = latest === undefined;
  latest = snapshot;
  setClock(snapshot.at);
  const { realm } = snapshot;
  byId('realm').textContent = `${realm.projectId} · ${realm.location}`;
  if (isFirst) navigation(location.hash.replace(/^#\/?/, '').split('?')[0] ?? '');
  view.snapshot?.(snapshot);
}

const liveTexts = {
  yes: 'live',
  no: 'reconnecting',
  trouble: 'no figures: Datastore does not answer',
};

/** @param {'yes' | 'no' | 'trouble'} state */
function tellLive(state) {
  byId('live').dataset['live'] = state;
  byId('live-text').textContent = liveTexts[state];
}

/** @param {string} id
 * @returns {HTMLElement} */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element;
}

function focusSearch() {
  document.getElementById('search')?.focus();
}

addEventListener('hashchange', show);
addEventListener('keydown', (event) => {
  const isTyping =
    event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  // On the page already: what is typed next goes there.
  if (location.hash.startsWith('#/chains')) return focusSearch();
  location.hash = '#/chains';
  setTimeout(focusSearch);
});
startTicking();
show();
listen(take, tellLive);
get('overview').then(
  (snapshot) => take(/** @type {import('../wire.js').SnapshotJson} */ (snapshot)),
  (/** @type {Error} */ error) => {
    if (!latest) morph(main, h('p', { class: 'empty' }, error.message));
  },
);
