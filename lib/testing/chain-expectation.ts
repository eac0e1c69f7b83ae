import { AssertionError } from 'node:assert';
import type { Key } from '@google-cloud/datastore';
import { keyText, keyToProto } from '../datastore/keys.js';
import type { Lock, LockState } from '../lock/lock.js';
import type { ChainView } from '../run/overview.js';
import { lockSentence } from './lock-sentence.js';

/** The transitions by which a step's result is stored. */
const commits = ['advanced', 'waiting', 'completed'];

/**
 * What a test expects of a chain. Each method reads it as it is stored now, and throws Node's `AssertionError` with how it
 * stands and how it came there.
 */
export class ChainExpectation {
  constructor(
    private readonly key: Key,
    private readonly inspect: (key: Key) => Promise<ChainView>,
  ) {}

  /** Its run has come to its end. */
  async toBeCompleted(): Promise<void> {
    await this.toBe('completed');
  }

  /**
   * Its run has failed.
   *
   * @param error part of the message of what it failed by, or a pattern; undefined: any
   */
  async toHaveFailed(error?: string | RegExp): Promise<void> {
    const lock = await this.toBe('failed');
    const said = lock.error ?? '';
    const fits =
      error === undefined || (typeof error === 'string' ? said.includes(error) : error.test(said));
    if (!fits)
      this.fail(lock, `to have failed by ${String(error)}`, said.split('\n')[0], String(error));
  }

  /** Its run was cancelled. */
  async toBeCancelled(): Promise<void> {
    await this.toBe('cancelled');
  }

  /** Its handler is running. */
  async toBeHeld(): Promise<void> {
    await this.toBe('held');
  }

  /** Its next step is due, now or later, and nobody runs it yet. @param task that step's task, as given to `@LockedTask` */
  async toBeReadyFor(task: string): Promise<void> {
    const lock = await this.toBe('ready');
    const name = lock.task?.name;
    if (name !== task) this.fail(lock, `to be ready for ${task}`, name, task);
  }

  /** Its next step waits for others. @param arrivals how many it still lacks; undefined: any number */
  async toBeWaiting(arrivals?: number): Promise<void> {
    const lock = await this.toBe('waiting');
    if (arrivals !== undefined && lock.arrivals !== arrivals)
      this.fail(lock, `to be waiting for ${arrivals} arrivals`, lock.arrivals, arrivals);
  }

  /**
   * Its run has committed steps 1 to `steps`, each once and in order, however often they were attempted or delivered.
   * The chain's history tells, so `historyLength` must be long enough.
   */
  async toHaveCommitted(steps: number): Promise<void> {
    const lock = await this.lock();
    const committed = lock.history
      .filter(({ outcome }) => commits.includes(outcome))
      .map(({ step }) => step);
    const expected = Array.from({ length: steps }, (_, index) => index + 1);
    if (committed.join() !== expected.join())
      this.fail(lock, `to have committed steps 1 to ${steps}, each once`, committed, expected);
  }

  private async toBe(state: LockState): Promise<Lock> {
    const lock = await this.lock();
    if (lock.state !== state) this.fail(lock, `to be ${state}`, lock.state, state);
    return lock;
  }

  private async lock(): Promise<Lock> {
    const { lock } = await this.inspect(this.key);
    return lock;
  }

  private fail(lock: Lock, what: string, actual: unknown, expected: unknown): never {
    const text = keyText(keyToProto(this.key));
    const message = `Expected ${text} ${what}. ${lockSentence(text, lock)}`;
    throw new AssertionError({ message, actual, expected });
  }
}
