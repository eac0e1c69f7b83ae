// @ts-check
import { post, messageOf } from './api.js';
import { h } from './dom.js';
import { now } from './time.js';

/**
 * @typedef {{
 *   name: string, label: string, look?: 'primary' | 'danger' | undefined, fits: (chain: import('../wire.js').ChainJson) => boolean,
 *   asks: string[], tells: string, done: (answer: import('../wire.js').OutcomeJson) => string,
 * }} Action
 */

/** @param {import('../wire.js').OutcomeJson} answer */
const dispatchOf = ({ dispatched }) =>
  dispatched ? 'Its task is in the queue.' : 'The sweep will create its task.';

/** @type {Action[]} */
const actions = [
  {
    name: 'retry',
    label: 'Retry',
    look: 'primary',
    fits: ({ state }) => state === 'failed',
    tells:
      'The run goes on at the step that failed, with its attempts counted anew. Mend the cause first.',
    asks: ['Retry this run?'],
    done: (answer) => `The run goes on. ${dispatchOf(answer)}`,
  },
  {
    name: 'run-now',
    label: 'Run now',
    look: 'primary',
    fits: ({ state, at = 0 }) => state === 'waiting' || (state === 'ready' && at > now()),
    tells:
      'The step does not wait for its time, its backoff or its arrivals any longer. One that waited for arrivals is told that they lack.',
    asks: ['Run this step now?'],
    done: (answer) => `The step is due now. ${dispatchOf(answer)}`,
  },
  {
    name: 'redispatch',
    label: 'Dispatch again',
    fits: ({ state }) => state === 'ready' || state === 'held',
    tells:
      'The step gets another task, beside one that may still be in its queue. Whichever comes first runs it; it runs once.',
    asks: ['Dispatch this step again?'],
    done: dispatchOf,
  },
  {
    name: 'release',
    label: 'Release the lease',
    look: 'danger',
    fits: ({ state }) => state === 'held',
    tells:
      'Only for a holder that is dead or stuck. What it settles from now on is refused, and this counts as a failed attempt. But a handler that is still alive goes on for a while beside the next attempt: what it does outside of Datastore, such as charging a card, may happen twice.',
    asks: ['Release this lease?', 'Are you sure that its holder does nothing any more?'],
    done: ({ state }) =>
      state === 'failed'
        ? 'The lease is released, and the run has failed: no attempt was left, or a lost one is not to be repeated.'
        : 'The lease is released. The step runs again after its backoff.',
  },
  {
    name: 'cancel',
    label: 'Cancel the run',
    look: 'danger',
    fits: ({ state }) => ['ready', 'waiting', 'held'].includes(state),
    tells:
      'The run ends where it is and cannot be resumed, only begun anew. What a running handler would settle is refused.',
    asks: ['Cancel this run?'],
    done: () => 'The run is cancelled.',
  },
];

/** @param {Action} action */
function button({ name, label, look }) {
  return h('button', { type: 'button', class: look, 'data-action': name, 'data-key': name }, label);
}

/**
 * The buttons for what can be done to a chain now.
 * @param {import('../wire.js').ChainJson} chain
 */
export function actionBar(chain) {
  const fitting = actions.filter(({ fits }) => fits(chain));
  return h(
    'div',
    { class: 'actions', role: 'group', 'aria-label': 'Actions', hidden: fitting.length === 0 },
    fitting.map(button),
  );
}

/**
 * Asks, and does what was confirmed.
 * @param {string} name
 * @param {import('../wire.js').ChainJson} chain as it was seen
 * @returns {Promise<boolean>} whether it was done
 */
export async function perform(name, chain) {
  const action = actions.find((one) => one.name === name);
  if (!action) return false;
  for (const question of action.asks) if (!(await confirmed(question, action, chain))) return false;
  const { key, run, step, leaseId } = chain;
  try {
    const answer = await post(`chain/${name}`, { key, run, step, leaseId });
    toast(action.done(/** @type {import('../wire.js').OutcomeJson} */ (answer)));
  } catch (error) {
    toast(messageOf(error), 'problem');
  }
  return true;
}

/**
 * @param {string} question
 * @param {Action} action
 * @param {import('../wire.js').ChainJson} chain
 * @returns {Promise<boolean>}
 */
function confirmed(question, action, chain) {
  const isLast = question === action.asks.at(-1);
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      'dialog',
      { 'aria-labelledby': 'question', 'aria-describedby': 'risk' },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'question' }, question),
        h('p', { class: 'key' }, chain.key),
        h('p', { id: 'risk' }, action.tells),
        h(
          'div',
          { class: 'actions' },
          h('button', { value: 'no', class: 'quiet' }, 'No, leave it'),
          h(
            'button',
            { value: 'yes', class: action.look ?? 'primary' },
            isLast ? action.label : 'Go on …',
          ),
        ),
      ),
    )
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let fading;

/** Tells what came of it, to screen readers too.
 * @param {string} text
 * @param {string} [look] */
export function toast(text, look = 'good') {
  const element = document.getElementById('toast');
  if (!element) return;
  element.textContent = text;
  element.className = `toast shown ${look}`;
  clearTimeout(fading);
  fading = setTimeout(() => element.classList.remove('shown'), 8_000);
}
