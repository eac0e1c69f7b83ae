import { hash } from 'node:crypto';
import type { EntityProto, KeyProto, ValueProto } from '../google/datastore-api.js';
import { Lock } from '../lock/lock.js';
import { UnreadableLockError } from '../locker.errors.js';
import { decodeValue } from './decode.js';
import { encodeValue } from './encode.js';
import { unindexed } from './indexing.js';
import { keyText } from './keys.js';
import { readHolder, readTask, writeHolder, writeTask } from './lock-json.js';

/** The index that the sweep reads is spread over this many ranges; a number that changed would orphan old entries. */
export const dueShards = 8;

/** What each property of the lock holds; undefined: it is absent. */
const values = {
  lock_ts: ({ timestamp }: Lock) => (timestamp === undefined ? undefined : new Date(timestamp)),
  lock_req: (lock: Lock) => lock.leaseId,
  lock_seq: (lock: Lock) => lock.step,
  lock_try: (lock: Lock) => lock.tries,
  lock_run: (lock: Lock) => lock.run || undefined,
  lock_due: ({ due }: Lock, key: KeyProto) =>
    due === undefined ? undefined : `${dueShard(key)}:${new Date(due).toISOString()}`,
  lock_task: (lock: Lock) => writeTask(lock),
  lock_by: ({ holder }: Lock) => holder && writeHolder(holder),
  lock_end: (lock: Lock) => lock.end,
  lock_err: (lock: Lock) => lock.error,
  lock_log: (lock: Lock) => lock.log || undefined,
};
type LockProperty = keyof typeof values;
const valueOfEach = Object.entries(values);

/** Whether a stored property belongs to the lock. */
export function isLockProperty(name: string): boolean {
  return Object.hasOwn(values, name);
}

/**
 * The lock stored on an entity; undefined where there has never been one.
 *
 * @throws UnreadableLockError for properties that this package did not write
 */
export function readLock({ key, properties }: EntityProto): Lock | undefined {
  const stored = properties ?? {};
  if (!Object.keys(stored).some(isLockProperty)) return undefined;
  const read = <T>(name: LockProperty, parse: (value: unknown) => T): T | undefined => {
    const value = decodeValue(stored[name] ?? {});
    if (value === null) return undefined;
    try {
      return parse(value);
    } catch (cause) {
      throw new UnreadableLockError(keyText(key ?? {}), name, cause);
    }
  };
  return new Lock({
    timestamp: read('lock_ts', time),
    leaseId: read('lock_req', text) ?? '',
    step: read('lock_seq', integer) ?? 0,
    tries: read('lock_try', integer) ?? 0,
    run: read('lock_run', text) ?? '',
    due: read('lock_due', (value) => Date.parse(text(value).slice(2))),
    ...read('lock_task', (value) => readTask(text(value))),
    holder: read('lock_by', (value) => readHolder(text(value))),
    end: read('lock_end', end),
    error: read('lock_err', text),
    log: read('lock_log', text) ?? '',
  });
}

/** An entity with another lock on it, and nothing else changed. */
export function writeLock(entity: EntityProto, lock: Lock): EntityProto {
  const properties = { ...entity.properties };
  for (const [name, valueOf] of valueOfEach) {
    const value = valueOf(lock, entity.key ?? {});
    if (value === undefined) delete properties[name];
    else properties[name] = store(name, value, properties[name]);
  }
  return { ...entity, properties };
}

/** The range of the due index that an entity's lock is in: a rising time in one range would be a hot spot. */
export function dueShard(key: KeyProto): number {
  return Number.parseInt(hash('sha256', keyText(key)).slice(0, 2), 16) % dueShards;
}

/** Only what the sweep and an operator query is indexed: what is due, and what failed. */
function store(name: string, value: unknown, stored: ValueProto | undefined): ValueProto {
  const encoded = encodeValue(value, name, stored);
  if (encoded === stored) return stored;
  const isIndexed = name === 'lock_due' || (name === 'lock_end' && value === 'failed');
  return isIndexed ? { ...encoded, excludeFromIndexes: false } : unindexed(encoded);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected a string');
  return value;
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('expected an integer');
  return Number(value);
}

function time(value: unknown): number {
  if (!(value instanceof Date)) throw new TypeError('expected a timestamp');
  return value.getTime();
}

function end(value: unknown): 'failed' | 'cancelled' {
  if (value === 'failed' || value === 'cancelled') return value;
  throw new TypeError('expected "failed" or "cancelled"');
}
