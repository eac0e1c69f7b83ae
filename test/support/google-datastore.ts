import { inject, type TestOptions } from 'vitest';

/** One of Google's emulators of Datastore, which the end-to-end suite runs on: `npm run test:google`. */
export interface GoogleDatastore {
  /** The optimistic Datastore emulator, or the pessimistic Firestore emulator in Datastore mode. */
  readonly emulator: 'datastore' | 'firestore';
  /** `127.0.0.1:PORT`. */
  readonly endpoint: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    googleDatastore?: GoogleDatastore;
  }
  interface TaskMeta {
    /** Why a test does not run. */
    left?: string;
  }
}

/** Where applications of tests keep their entities; undefined: on our own Datastore. */
export function googleDatastore(): GoogleDatastore | undefined {
  return inject('googleDatastore');
}

/** The Firestore emulator never commits a transaction that began with its first read. */
export function beginsOnRead(): boolean {
  return googleDatastore()?.emulator !== 'firestore';
}

/**
 * The Firestore emulator ends no deadlock: each transaction waits for 2 s and is aborted. Where many want one entity at once, some
 * have been tried in vain when their time is over.
 */
export function waitsInVain(): boolean {
  return googleDatastore()?.emulator === 'firestore';
}

/** For a test of what one of Google's emulators, or either, does not do. The run names it, and says why. */
export function notOn(
  emulator: GoogleDatastore['emulator'] | 'google',
  reason: string,
): TestOptions {
  const actual = googleDatastore()?.emulator;
  const isLeft = emulator === 'google' ? actual !== undefined : actual === emulator;
  return isLeft ? { skip: true, meta: { left: reason } } : {};
}
