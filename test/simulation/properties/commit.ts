import { decodeProperties } from '../../../lib/datastore/decode.js';
import { isLockProperty, readLock } from '../../../lib/datastore/lock-properties.js';
import type { EntityProto } from '../../../lib/google/datastore-api.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { Operation } from '../fleet/operation.js';
import type { Change } from '../google/simulated-datastore.js';

/** An entity's properties, those of its lock apart. */
export type Own = Readonly<Record<string, unknown>>;

/** One commit of one entity, read. */
export interface Commit {
  readonly key: string;
  readonly before: Lock | undefined;
  readonly after: Lock | undefined;
  readonly own: { readonly before: Own; readonly after: Own };
  readonly by: Operation | undefined;
}

/** A lock before and after. */
export interface Pair {
  readonly before: Lock;
  readonly after: Lock;
}

/** Reads a change as it was stored. */
export function readCommit({ key, before, after }: Change, by: Operation | undefined): Commit {
  return {
    key,
    before: before && readLock(before),
    after: after && readLock(after),
    own: { before: ownOf(before), after: ownOf(after) },
    by,
  };
}

/** Who did something, in a few words. */
export function name(by: Operation | undefined): string {
  return by ? `${by.kind} ${by.number} in ${by.process}` : 'nobody';
}

/** A lock in a line. */
export function describe(lock: Lock | undefined): string {
  if (!lock) return 'none';
  const { state, run, step, tries, number, leaseId, arrivals } = lock;
  const parts = [
    `${state} run …${run.slice(-4)} step ${step}`,
    tries > 0 && `tries ${tries}`,
    number > 0 && `number ${number}`,
    leaseId !== '' && `lease …${leaseId.slice(-6)}`,
    arrivals !== 0 && `arrivals ${arrivals}`,
    lock.due === undefined && 'not due',
  ];
  return parts.filter(Boolean).join(', ');
}

function ownOf(entity: EntityProto | undefined): Own {
  if (!entity) return {};
  const all = Object.entries(decodeProperties(entity));
  return Object.fromEntries(all.filter(([property]) => !isLockProperty(property)));
}
