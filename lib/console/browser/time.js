// @ts-check
import { h } from './dom.js';

let offset = 0;

/** The server says what time it is, so that a browser whose clock is wrong tells no wrong durations.
 * @param {number} serverNow */
export function setClock(serverNow) {
  offset = serverNow - Date.now();
}

/** Milliseconds since the epoch, by the server's clock. */
export function now() {
  return Date.now() + offset;
}

/** A duration in words, in two units at most: `12 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`.
 * @param {number} ms */
export function duration(ms) {
  if (ms < 0) return duration(0);
  if (ms > 0 && ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', minutes < 10 ? seconds % 60 : 0, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/**
 * @param {number} more
 * @param {string} unit
 * @param {number} less
 * @param {string} smaller
 */
function pair(more, unit, less, smaller) {
  return less === 0 ? `${more} ${unit}` : `${more} ${unit} ${less} ${smaller}`;
}

/** A moment, as people of this browser's language read it.
 * @param {number} at */
export function moment(at) {
  const isToday = new Date(at).toDateString() === new Date(now()).toDateString();
  return new Date(at).toLocaleString(undefined, {
    ...(isToday ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}

/** Whole seconds: what ticks shows no milliseconds.
 * @param {number} ms */
const whole = (ms) => duration(Math.max(0, Math.floor(ms / 1_000)) * 1_000);

/** @type {Record<string, (at: number) => string>} */
const forms = {
  for: (at) => whole(now() - at),
  ago: (at) => (now() - at < 1_000 ? 'just now' : `${whole(now() - at)} ago`),
  in: (at) => (at > now() ? `in ${whole(at - now() + 999)}` : 'now'),
};

/** A duration that goes on by itself: `for`, `ago` or `in`.
 * @param {'for' | 'ago' | 'in'} form
 * @param {number} at */
export function tick(form, at) {
  const iso = new Date(at).toISOString();
  return h(
    'time',
    { datetime: iso, title: moment(at), 'data-tick': form, 'data-at': at },
    forms[form]?.(at),
  );
}

/** Lets all durations go on. */
export function startTicking() {
  setInterval(() => {
    for (const element of document.querySelectorAll('[data-tick]')) {
      const text = forms[element.getAttribute('data-tick') ?? '']?.(
        Number(element.getAttribute('data-at')),
      );
      if (text !== undefined && element.textContent !== text) element.textContent = text;
    }
  }, 1_000);
}
