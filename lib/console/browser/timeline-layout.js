// @ts-check
/**
 * @typedef {{ from: number, to: number, step: number, attempt: number, outcome: string, look: string }} Bar
 * @typedef {{ at: number, step: number, outcome: string }} Mark
 * @typedef {{ from: number, to: number }} Span
 */

/** How outcomes look; what is in none of these is a mark, not a bar. */
const looks = {
  good: ['advanced', 'completed', 'waiting'],
  bad: ['released', 'failed'],
  warn: ['lost', 'postponed', 'handed back'],
  off: ['cancelled', 'replaced'],
};

/** @param {string} outcome */
function lookOfOutcome(outcome) {
  return Object.entries(looks).find(([, outcomes]) => outcomes.includes(outcome))?.[0];
}

/** What is to be drawn of a chain: attempts as bars, what people did as marks, and what is still to come.
 * @param {import('../wire.js').ChainJson} chain
 * @param {number} now */
export function partsOf(chain, now) {
  /** @type {Bar[]} */
  const bars = [];
  /** @type {Mark[]} */
  const marks = [];
  for (const { at, step, attempt, outcome, ms } of chain.history) {
    const look = lookOfOutcome(outcome);
    if (look && ms !== undefined)
      bars.push({ from: at - ms, to: at, step, attempt, outcome, look });
    else marks.push({ at, step, outcome });
  }
  /** @type {(Span & { step: number, what: string }) | undefined} */
  let ahead;
  const { state, step, tries, holder, takeableAt = 0, timestamp = 0, at = 0, due = 0 } = chain;
  if (state === 'held') {
    const from = holder?.since ?? timestamp;
    bars.push({
      from,
      to: Math.max(now, from),
      step,
      attempt: tries + 1,
      outcome: 'running',
      look: 'live',
    });
    if (takeableAt > now) ahead = { from: now, to: takeableAt, step, what: 'may be taken over' };
  } else if (state === 'ready' && at > now)
    ahead = { from: now, to: at, step, what: 'next dispatch' };
  else if (state === 'waiting' && due > now)
    ahead = { from: now, to: due, step, what: 'waits at most' };
  return { bars, marks, ahead };
}

/** How wide a gap is drawn in which nothing happens, pixels. */
const gapWidth = 56;

/**
 * Where moments are drawn. Time is even while anything happens; long gaps are cut short, and named.
 * @param {{ bars: Bar[], marks: Mark[], ahead?: Span | undefined }} parts
 * @param {number} width pixels
 */
export function scaleOf({ bars, marks, ahead }, width) {
  const spans = merged([
    ...bars.map(({ from, to }) => ({ from, to })),
    ...marks.map(({ at }) => ({ from: at, to: at })),
    ...(ahead
      ? [
          { from: ahead.from, to: ahead.from },
          { from: ahead.to, to: ahead.to },
        ]
      : []),
  ]);
  const busy = Math.max(
    1,
    spans.reduce((sum, { from, to }) => sum + to - from, 0),
  );
  const pieces = piecesOf(spans, busy * 0.25);
  const breaks = pieces.filter(({ isBreak }) => isBreak).length;
  const breakWidth = breaks === 0 ? 0 : Math.min(gapWidth, (width * 0.6) / breaks);
  const even = pieces.reduce((sum, { from, to, isBreak }) => sum + (isBreak ? 0 : to - from), 0);
  const perMs = even === 0 ? 0 : (width - breaks * breakWidth) / even;
  let x = 0;
  const placed = pieces.map((piece) => {
    const start = x;
    x += piece.isBreak ? breakWidth : (piece.to - piece.from) * perMs;
    return { ...piece, start, end: x };
  });
  /** @param {number} at */
  const place = (at) => {
    const piece = placed.find(({ to }) => at <= to) ?? placed.at(-1);
    if (!piece) return 0;
    const share = piece.to === piece.from ? 0 : (at - piece.from) / (piece.to - piece.from);
    return piece.start + Math.max(0, Math.min(1, share)) * (piece.end - piece.start);
  };
  return { place, breaks: placed.filter(({ isBreak }) => isBreak) };
}

/** @param {Span[]} spans */
function merged(spans) {
  /** @type {Span[]} */
  const found = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else found.push({ ...span });
  }
  return found;
}

/**
 * @param {Span[]} spans
 * @param {number} longest a gap that is drawn as long as it is, milliseconds
 */
function piecesOf(spans, longest) {
  return spans.flatMap((span, index) => {
    const before = spans[index - 1];
    const gap = before && {
      from: before.to,
      to: span.from,
      isBreak: span.from - before.to > longest,
    };
    return [...(gap ? [gap] : []), { ...span, isBreak: false }];
  });
}
