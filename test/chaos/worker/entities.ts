import { Lockable } from 'nestjs-datastore-locker';

/** A chain of four steps. */
export class Chain extends Lockable {
  static readonly kind = 'Chain';
  /** The steps that were committed. */
  trail: number[] = [];
}

/** Starts ten children and waits for them. */
export class Parent extends Lockable {
  static readonly kind = 'Parent';
  trail: number[] = [];
  /** The children that arrived; each writes its name in the transaction in which it arrives. */
  arrived: string[] = [];
  timedOut = false;
}

/** Works, and arrives at its parent. */
export class Child extends Lockable {
  static readonly kind = 'Child';
  trail: number[] = [];
  parent = '';
  parentRun = '';
}
