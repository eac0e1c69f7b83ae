// @ts-check
import { atLeast, countsTable } from './counts-table.js';
import { h, morph, s } from './dom.js';
/** @typedef {'failed' | 'overdue' | 'held' | 'ready' | 'waiting' | 'failedLately'} Figure */

import { chip, count, linkTo, stepOf, whenOf } from './words.js';

/** All chains at a glance.
 * @param {HTMLElement} main */
export function overviewView(main) {
  morph(
    main,
    h('h1', { class: 'visually-hidden' }, 'Overview'),
    h('p', { class: 'empty' }, 'Looking …'),
  );
  return {
    title: 'Overview',
    /** @param {import('../wire.js').SnapshotJson} snapshot */
    snapshot: (snapshot) => morph(main, ...draw(snapshot)),
  };
}

/** @param {import('../wire.js').SnapshotJson} snapshot */
function draw(snapshot) {
  const { counts, overdue, failed, next } = snapshot;
  const total = (/** @type {Figure} */ name) => counts.reduce((sum, one) => sum + one[name], 0);
  const isComplete = counts.every((one) => one.isComplete);
  return [
    h('h1', { class: 'visually-hidden' }, 'Overview'),
    verdict(total('failed'), total('overdue')),
    h(
      'ul',
      { class: 'tiles', 'aria-label': 'All chains' },
      tile(
        'Failed',
        total('failed'),
        'failed',
        `${atLeast(total('failedLately'), isComplete)} in the last 24 h`,
        total('failed') > 0 ? 'bad' : '',
      ),
      tile(
        'Overdue',
        total('overdue'),
        'overdue',
        'should have gone on by now',
        total('overdue') > 0 ? 'warn' : '',
      ),
      tile('Running', atLeast(total('held'), isComplete), 'held', 'steps held by a request'),
      tile(
        'Due or scheduled',
        atLeast(total('ready'), isComplete),
        'ready',
        'steps whose task is in a queue',
      ),
      tile('Waiting', atLeast(total('waiting'), isComplete), 'waiting', 'for arrivals of others'),
      pace(snapshot.pace),
    ),
    attention([...failed, ...overdue]),
    upcoming(next),
    countsTable(counts, snapshot.leftOut),
  ];
}

/** @param {number} failed
 * @param {number} overdue */
function verdict(failed, overdue) {
  const parts = [
    failed > 0 && `${count(failed, 'run')} failed`,
    overdue > 0 && `${count(overdue, 'chain')} ${overdue === 1 ? 'is' : 'are'} overdue`,
  ].filter(Boolean);
  const level = failed > 0 ? 'bad' : overdue > 0 ? 'warn' : 'good';
  const mark = { bad: '✕', warn: '!', good: '✓' }[level];
  const text =
    parts.length === 0
      ? 'All is well: nothing failed, nothing is overdue.'
      : `${parts.join(', ')}.`;
  return h(
    'p',
    { class: `verdict ${level}`, role: 'status' },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
    text,
  );
}

/**
 * @param {string} name
 * @param {string | number} figure
 * @param {string} state
 * @param {string} hint
 * @param {string} [level]
 */
function tile(name, figure, state, hint, level = '') {
  return h(
    'li',
    {},
    h(
      'a',
      { class: `tile ${level}`, href: `#/chains?state=${state}` },
      h('span', { class: 'name' }, name),
      h('span', { class: 'figure' }, typeof figure === 'number' ? figure.toLocaleString() : figure),
      h('span', { class: 'hint' }, hint),
    ),
  );
}

/** @param {readonly number[]} seconds */
function pace(seconds) {
  const perMinute = seconds.reduce((sum, one) => sum + one, 0);
  const most = Math.max(1, ...seconds);
  const bars = seconds.map((one, index) =>
    s('rect', {
      x: index * 2,
      y: 28 - (one / most) * 28,
      width: 1.4,
      height: (one / most) * 28,
      rx: 0.5,
    }),
  );
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'tile' },
      h('span', { class: 'name' }, 'Attempts a minute'),
      h('span', { class: 'figure' }, perMinute.toLocaleString()),
      s(
        'svg',
        {
          class: 'spark',
          viewBox: '0 0 120 28',
          preserveAspectRatio: 'none',
          'aria-hidden': 'true',
        },
        bars,
      ),
      h('span', { class: 'hint' }, 'ended in this instance'),
    ),
  );
}

/** @param {readonly import('../wire.js').ChainJson[]} chains */
function attention(chains) {
  if (chains.length === 0) return h('section', { 'data-key': 'attention', hidden: true });
  return h(
    'section',
    { 'data-key': 'attention', class: 'card', 'aria-labelledby': 'attention' },
    h('h2', { id: 'attention' }, 'Needs attention'),
    h(
      'ul',
      { class: 'rows' },
      chains.map((chain) => row(chain, chain.error)),
    ),
  );
}

/** @param {readonly import('../wire.js').ChainJson[]} chains */
function upcoming(chains) {
  return h(
    'section',
    { 'data-key': 'next', class: 'card', 'aria-labelledby': 'next' },
    h('h2', { id: 'next' }, 'Due next'),
    chains.length === 0
      ? h('p', { class: 'empty' }, 'No step is due or scheduled.')
      : h(
          'ul',
          { class: 'rows' },
          chains.map((chain) => row(chain)),
        ),
  );
}

/** @param {import('../wire.js').ChainJson} chain
 * @param {string} [error] */
function row(chain, error) {
  return h(
    'li',
    { 'data-key': chain.key },
    h(
      'a',
      { class: 'row', href: linkTo(chain) },
      chip(chain),
      h('span', { class: 'key' }, chain.key),
      h('span', { class: 'what' }, stepOf(chain)),
      h('span', { class: 'when' }, ...whenOf(chain)),
      error && h('span', { class: 'error' }, error.split('\n')[0]),
    ),
  );
}
