import { isDeepStrictEqual } from 'node:util';
import { traceOf } from '../workload/chain.js';
import { name, type Commit, type Own, type Pair } from './commit.js';
import { Violation } from './violation.js';

/** Only the lock has changed. @throws Violation */
export function keepsOwn({ key, own }: Commit): void {
  if (!isDeepStrictEqual(own.before, own.after))
    throw new Violation(
      `what a failed attempt changed is not stored`,
      `${key}: from ${JSON.stringify(own.before)} to ${JSON.stringify(own.after)}`,
    );
}

/** What the steps have done so far is untouched. @throws Violation */
export function keepsTrail({ key, own }: Commit): void {
  if (!isDeepStrictEqual(own.before['trail'], own.after['trail']))
    throw new Violation('a save stores what was done so far', `${key}: ${JSON.stringify(own)}`);
}

/** Somebody else wrote the entity, and only what he meant to. @throws Violation */
export function writtenByOthers({ key, own, by }: Commit): void {
  const { trail: before } = own.before;
  if (isDeepStrictEqual(own.before, own.after)) return;
  const touched = Number(own.after['touched'] ?? 0) - Number(own.before['touched'] ?? 0);
  if (touched !== 1 || !isDeepStrictEqual(own.after['trail'], before))
    throw new Violation('others change what they meant to', `${key}: ${JSON.stringify(own)}`);
  const times = (by?.changes.get('touched') ?? 0) + 1;
  by?.changes.set('touched', times);
  if (times > 1) throw new Violation('one call writes once', `${key} by ${name(by)}`);
}

/** A step adds what it did once, and nobody else loses anything. @throws Violation */
export function storesItsStep({ key, own }: Commit, { before }: Pair): void {
  const expected = [...trailOf(own.before), traceOf(before.run, before.step)];
  const isTouched = own.after['touched'] !== own.before['touched'];
  if (isTouched || !isDeepStrictEqual(trailOf(own.after), expected))
    throw new Violation(
      'a step stores its own changes and nobody else loses any',
      `${key}: ${JSON.stringify(own)}`,
    );
}

function trailOf({ trail }: Own): readonly unknown[] {
  return Array.isArray(trail) ? trail : [];
}
