// @ts-check
import { h } from './dom.js';
import { now, tick } from './time.js';

/** @typedef {import('../wire.js').ChainJson} Chain */

/** What a chain is doing, in one word of the page; `held` is "running" to people.
 * @param {Chain} chain */
export function lookOf(chain) {
  if (chain.state === 'failed') return 'failed';
  if (chain.isOverdue && chain.state !== 'held') return 'overdue';
  const { takeableAt = 0, at = 0 } = chain;
  if (chain.state === 'held') return takeableAt < now() ? 'overdue' : 'running';
  if (chain.state === 'ready') return at > now() ? 'scheduled' : 'due';
  return chain.state;
}

/** @type {Record<string, string>} */
const marks = {
  failed: '✕',
  overdue: '!',
  running: '▶',
  waiting: '…',
  scheduled: '◷',
  due: '●',
  completed: '✓',
  cancelled: '⊘',
  idle: '–',
};

/** @param {Chain} chain */
export function chip(chain) {
  const look = lookOf(chain);
  return h(
    'span',
    { class: `chip ${look}` },
    h('span', { 'aria-hidden': 'true' }, marks[look]),
    look,
  );
}

/** `step 3 · order.charge`
 * @param {Chain} chain */
export function stepOf({ step, task }) {
  if (step === -1) return 'all steps';
  return task ? `step ${step} · ${task}` : `step ${step}`;
}

/** How a chain stands, as one would say it.
 * @param {Chain} chain
 * @returns {(Node | string)[]} */
export function sentence(chain) {
  const { step, task, tries, holder, arrivals, queue } = chain;
  const { takeableAt = 0, timestamp = 0, due = 0, at = 0 } = chain;
  const subject = [`Step ${step}`, task ? [' (', h('b', {}, task), ')'] : []].flat(2);
  const again = tries > 0 ? `, after ${count(tries, 'failed attempt')}` : '';
  switch (chain.state) {
    case 'held':
      return [
        ...subject,
        ' is held by ',
        h('code', {}, holderOf(chain)),
        ' for ',
        tick('for', holder?.since ?? timestamp),
        ...(holder?.renews
          ? [', renewed ', tick('ago', timestamp)]
          : [', which does not renew its lease']),
        ', and may be taken over ',
        tick('in', takeableAt),
        '.',
      ];
    case 'waiting':
      return [
        ...subject,
        ` waits for ${count(arrivals, 'arrival')}, and goes on without them `,
        tick('in', due),
        '.',
      ];
    case 'ready':
      if (at > now()) return [...subject, ' is due ', tick('in', at), again, '.'];
      return chain.isOverdue
        ? [
            ...subject,
            ' is due since ',
            tick('for', at || timestamp),
            again,
            ', and nobody has taken it up. The sweep will dispatch it again.',
          ]
        : [...subject, ` is due; its task is in queue ${queue}`, again, '.'];
    case 'failed':
      return [
        'The run failed at ',
        h('b', {}, stepOf(chain)),
        ` after ${count(tries, 'attempt')}, `,
        tick('ago', timestamp),
        due === 0 ? '. It waits for a retry or a new run.' : '. Its alert is not sent yet.',
      ];
    case 'completed':
      return ['The run is complete, since ', tick('for', timestamp), '.'];
    case 'cancelled':
      return [`The run was cancelled at step ${step}.`];
    case 'idle':
    default:
      return ['No run was ever scheduled here.'];
  }
}

/** @param {number} number
 * @param {string} noun */
export function count(number, noun) {
  return `${number.toLocaleString()} ${noun}${number === 1 ? '' : 's'}`;
}

/** @param {Chain} chain */
export function holderOf({ holder, leaseId }) {
  const [host] = (holder?.instance ?? '').split('/');
  return host || `lease ${leaseId.slice(0, 8)}`;
}

/** When it matters next, or since when it is so.
 * @param {Chain} chain */
export function whenOf(chain) {
  const { at = 0, due = 0, timestamp = 0, holder } = chain;
  switch (lookOf(chain)) {
    case 'running':
      return ['for ', tick('for', holder?.since ?? timestamp)];
    case 'scheduled':
      return [tick('in', at)];
    case 'waiting':
      return ['at the latest ', tick('in', due)];
    case 'overdue':
      return ['since ', tick('for', due)];
    case 'failed':
    case 'due':
    case 'completed':
    case 'cancelled':
    case 'idle':
    default:
      return timestamp ? [tick('ago', timestamp)] : ['–'];
  }
}

/** The address of a chain's view.
 * @param {Chain} chain */
export function linkTo({ key }) {
  return `#/chain?key=${encodeURIComponent(key)}`;
}
