import { account, audience, type Prey } from './bad-requests.js';
import type { RawHeaders } from './request-to-tasks.js';

/** A number from 0 up to but not including its argument. */
export type Random = (below: number) => number;

/** A genuine task's headers with some of them changed, at least one of those that matter. */
export function fuzzedHeaders(genuine: RawHeaders, prey: Prey, random: Random): RawHeaders {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  const vital = pick(['authorization', 'x-lock-key', 'x-lock-run', 'x-lock-seq']);
  const others = Object.keys(genuine).filter(() => random(6) === 0);
  const changes: RawHeaders = { [vital]: valueFor(vital, genuine, prey, pick, random) };
  for (const name of others) changes[name] ??= valueFor(name, genuine, prey, pick, random);
  if (random(3) === 0) changes[`x-made-up-${random(1_000)}`] = word(random);
  const headers = { ...genuine, ...changes };
  // Whatever else was made up, nobody is to have hit upon the genuine task.
  if (vital === 'x-lock-seq' && Number(headers['x-lock-seq']) === 1) headers['x-lock-seq'] = '7';
  return headers;
}

function valueFor(
  name: string,
  genuine: RawHeaders,
  { issuer, stranger }: Prey,
  pick: <T>(items: readonly T[]) => T,
  random: Random,
): string | string[] | undefined {
  const given = String(genuine[name] ?? '');
  if (name === 'authorization')
    return pick([
      () => undefined,
      () => word(random),
      () => `Bearer ${word(random)}.${word(random)}.${word(random)}`,
      () => `Bearer ${damaged(given.slice(7), random)}`,
      () => `Bearer ${issuer.token(word(random), audience)}`,
      () => `Bearer ${issuer.token(account, word(random))}`,
      () => `Bearer ${stranger.token(account, audience)}`,
    ])();
  return pick([
    () => undefined,
    () => '',
    () => word(random),
    () => `${given},${given}`,
    () => `"${word(random)}"`,
    () => String(2 + random(1e9)),
    () => `-${random(100)}`,
    () => 'f'.repeat(32),
    () => given.slice(0, Math.floor(given.length / 2)),
    () => damaged(given, random),
    () => Buffer.from(JSON.stringify({ v: 1, [word(random)]: word(random) })).toString('base64url'),
    () => word(random).repeat(1 + random(40)),
  ])();
}

/** The text with another letter somewhere in its first half, where every bit of it counts. */
function damaged(text: string, random: Random): string {
  const at = random(Math.max(1, Math.floor(text.length / 2)));
  return `${text.slice(0, at)}${text[at] === 'Q' ? 'R' : 'Q'}${text.slice(at + 1)}`;
}

const letters = 'abcXYZ019-_.=%{}[]"\'\\/<>;:,*';

function word(random: Random): string {
  return Array.from({ length: 1 + random(30) }, () => letters[random(letters.length)]).join('');
}
