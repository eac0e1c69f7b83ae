// @ts-check
import { get, messageOf } from './api.js';
import { h, morph } from './dom.js';
import { tick } from './time.js';
import { count } from './words.js';

/** The queues and tasks of the emulator in the application's process.
 * @param {HTMLElement} main */
export function emulatorView(main) {
  morph(main, h('h1', {}, 'Emulator'), h('p', { class: 'empty' }, 'Looking …'));
  async function load() {
    try {
      const { queues } = /** @type {import('../wire.js').EmulatorJson} */ (await get('emulator'));
      morph(
        main,
        h('h1', {}, 'Emulator'),
        ...queues.map(queueCard),
        ...(queues.length === 0 ? [h('p', { class: 'empty' }, 'There is no queue yet.')] : []),
      );
    } catch (error) {
      morph(
        main,
        h('h1', {}, 'Emulator'),
        h('p', { class: 'problem', role: 'alert' }, messageOf(error)),
      );
    }
  }
  return { title: 'Emulator', snapshot: () => void load() };
}

/** @param {import('../wire.js').QueueJson} queue */
function queueCard({ name, state, perSecond, atOnce, tasks, hasMore }) {
  const id = `queue-${name}`;
  const many = `${hasMore ? 'more than ' : ''}${count(tasks.length, 'task')}`;
  return h(
    'section',
    { class: 'card', 'data-key': name, 'aria-labelledby': id },
    h('h2', { id }, name),
    h(
      'p',
      { class: 'hint' },
      `${state.toLowerCase()} · ${many} · at most ${perSecond} a second, ${atOnce} at once`,
    ),
    tasks.length > 0 &&
      h(
        'table',
        { class: 'list' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['Task', 'Path', 'Due', 'Dispatched', 'Last answer'].map((head) =>
              h('th', { scope: 'col' }, head),
            ),
          ),
        ),
        h('tbody', {}, tasks.map(taskRow)),
      ),
  );
}

/** @param {import('../wire.js').TaskJson} task */
function taskRow({ name, path, at, dispatches, last }) {
  return h(
    'tr',
    { 'data-key': name },
    h('th', { scope: 'row', class: 'key' }, name.length > 16 ? `${name.slice(0, 16)}…` : name),
    h('td', { 'data-label': 'Path' }, path),
    h('td', { 'data-label': 'Due' }, at > 0 ? tick('in', at) : 'now'),
    h('td', { 'data-label': 'Dispatched' }, count(dispatches, 'time')),
    h('td', { 'data-label': 'Last answer' }, last ?? '–'),
  );
}
