// @ts-check
import { h, s } from './dom.js';
import { duration, moment, now } from './time.js';
import { partsOf, scaleOf } from './timeline-layout.js';

const gutter = 62;
const rowHeight = 30;
const barHeight = 14;
const headHeight = 24;

/** The attempts of a chain's steps over time, as a picture with a legend.
 * @param {import('../wire.js').ChainJson} chain
 * @param {number} outerWidth pixels */
export function timeline(chain, outerWidth) {
  const parts = partsOf(chain, now());
  const { bars, marks, ahead } = parts;
  if (bars.length + marks.length === 0 && !ahead)
    return h('p', { class: 'empty' }, 'Nothing has been tried yet.');
  const steps = [
    ...new Set([...bars, ...marks, ...(ahead ? [ahead] : [])].map(({ step }) => step)),
  ].toSorted((a, b) => a - b);
  const isOpen = ahead !== undefined || bars.some(({ look }) => look === 'live');
  const height = headHeight + steps.length * rowHeight + (isOpen ? 20 : 8);
  const width = Math.max(160, outerWidth - gutter - 16);
  const { place, breaks } = scaleOf(parts, width);
  /** @param {number} at */
  const x = (at) => gutter + place(at);
  /** @param {number} step */
  const y = (step) => headHeight + steps.indexOf(step) * rowHeight;
  const drawing = s(
    'svg',
    {
      class: 'timeline',
      viewBox: `0 0 ${outerWidth} ${height}`,
      width: outerWidth,
      height,
      role: 'img',
      'aria-label': described(bars, chain),
    },
    steps.map((step) => rowOf(step, y(step), outerWidth)),
    breaks.map((gap) => breakOf(gap, steps.length)),
    ahead && aheadOf(ahead, x(ahead.from), x(ahead.to), y(ahead.step)),
    bars.map((bar, index) =>
      barOf(bar, x(bar.from), x(bar.to), y(bar.step), roomAfter(bars, index, x, gutter + width)),
    ),
    marks.map((mark) => markOf(mark, x(mark.at), y(mark.step))),
    axis(bars, marks, x),
    isOpen && present(x(ahead?.from ?? now()), height),
  );
  return h('div', {}, drawing, legend(bars, marks, ahead));
}

/** @param {import('./timeline-layout.js').Bar[]} bars
 * @param {import('../wire.js').ChainJson} chain */
function described(bars, chain) {
  const failed = bars.filter(({ look }) => look === 'bad' || look === 'warn').length;
  return `Timeline: ${bars.length} attempts, ${failed} of which failed or were lost. ${chain.key} is ${chain.state}. The table below tells the same.`;
}

/** @param {number} step
 * @param {number} y
 * @param {number} width */
function rowOf(step, y, width) {
  return s(
    'g',
    {},
    s('line', {
      class: 'rule',
      x1: gutter,
      x2: width,
      y1: y + rowHeight / 2,
      y2: y + rowHeight / 2,
    }),
    s('text', { class: 'label', x: 0, y: y + rowHeight / 2 + 4 }, `step ${step}`),
  );
}

/** Where now is.
 * @param {number} x
 * @param {number} height */
function present(x, height) {
  return s(
    'g',
    { class: 'now' },
    s('line', { x1: x, x2: x, y1: headHeight - 2, y2: height - 13 }),
    s('text', { x, y: height - 2, 'text-anchor': 'middle' }, 'now'),
  );
}

/** @param {{ from: number, to: number, start: number, end: number }} gap
 * @param {number} rows */
function breakOf({ from, to, start, end }, rows) {
  const text = duration(to - from)
    .split(' ')
    .slice(0, 2)
    .join(' ');
  return s(
    'g',
    { class: 'break' },
    s('rect', {
      x: gutter + start + 1,
      y: headHeight - 2,
      width: Math.max(0, end - start - 2),
      height: rows * rowHeight + 4,
    }),
    end - start > 34 &&
      s('text', { x: gutter + (start + end) / 2, y: 14, 'text-anchor': 'middle' }, text),
  );
}

/**
 * @param {import('./timeline-layout.js').Bar} bar
 * @param {number} from
 * @param {number} to
 * @param {number} y
 * @param {number} room
 */
function barOf(bar, from, to, y, room) {
  const width = Math.max(5, to - from);
  const top = y + (rowHeight - barHeight) / 2;
  const text = duration(bar.to - bar.from);
  const tip = `Step ${bar.step}, attempt ${bar.attempt}: ${bar.outcome}, ${text}, from ${moment(bar.from)}`;
  const inside = text.length * 6.2 + 8 < width;
  return s(
    'g',
    {},
    s(
      'rect',
      { class: `bar ${bar.look}`, x: from, y: top, width, height: barHeight, rx: 3 },
      s('title', {}, tip),
    ),
    inside
      ? s('text', { class: 'inside', x: from + 5, y: top + 11 }, text)
      : room > text.length * 6.2 + 10 &&
          s('text', { class: 'beside', x: from + width + 4, y: top + 11 }, text),
  );
}

/**
 * How many pixels are free behind a bar in its row.
 * @param {import('./timeline-layout.js').Bar[]} bars
 * @param {number} index
 * @param {(at: number) => number} x
 * @param {number} end
 */
function roomAfter(bars, index, x, end) {
  const bar = bars[index];
  if (!bar) return 0;
  const next = bars
    .filter(({ step, from }) => step === bar.step && from >= bar.to && from !== bar.from)
    .map(({ from }) => x(from));
  return Math.min(end, ...next) - Math.max(x(bar.to), x(bar.from) + 5);
}

/** @param {{ at: number, step: number, outcome: string }} mark
 * @param {number} x
 * @param {number} y */
function markOf({ at, step, outcome }, x, y) {
  const middle = y + rowHeight / 2;
  return s(
    'path',
    { class: 'mark', d: `M${x} ${middle - 7}l6 7l-6 7l-6 -7z` },
    s('title', {}, `Step ${step}: ${outcome}, ${moment(at)}`),
  );
}

/**
 * @param {{ what: string, to: number }} ahead
 * @param {number} from
 * @param {number} to
 * @param {number} y
 */
function aheadOf({ what, to: at }, from, to, y) {
  const middle = y + rowHeight / 2;
  return s(
    'g',
    { class: 'ahead' },
    s('line', { x1: from, x2: to, y1: middle, y2: middle }),
    s('circle', { cx: to - 4, cy: middle, r: 4 }, s('title', {}, `${what}: ${moment(at)}`)),
  );
}

/**
 * @param {import('./timeline-layout.js').Bar[]} bars
 * @param {{ at: number }[]} marks
 * @param {(at: number) => number} x
 */
function axis(bars, marks, x) {
  const first = Math.min(...bars.map(({ from }) => from), ...marks.map(({ at }) => at));
  return Number.isFinite(first) && s('text', { class: 'axis', x: x(first), y: 14 }, moment(first));
}

/** @type {Record<string, string>} */
const meanings = {
  good: 'settled',
  bad: 'failed',
  warn: 'lost, postponed or handed back',
  off: 'cancelled or replaced',
  live: 'running',
};

/**
 * @param {{ look: string }[]} bars
 * @param {object[]} marks
 * @param {{ what: string } | undefined} ahead
 */
function legend(bars, marks, ahead) {
  const looks = Object.keys(meanings).filter((look) => bars.some((bar) => bar.look === look));
  return h(
    'ul',
    { class: 'legend', 'aria-hidden': 'true' },
    looks.map((look) => h('li', {}, h('span', { class: `swatch ${look}` }), meanings[look])),
    marks.length > 0 && h('li', {}, h('span', { class: 'swatch diamond' }), 'done by hand'),
    ahead && h('li', {}, h('span', { class: 'swatch ring' }), ahead.what),
  );
}
