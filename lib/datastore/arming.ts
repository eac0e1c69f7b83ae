/** Sees to it that what is written to a namespace will be looked after, should whoever writes it die. */
export interface Arming {
  /** Whether `arm` has anything to do now. */
  isNeeded(namespace: string): boolean;
  /** To be done before a lock is written. Does not throw. */
  arm(namespace: string): Promise<void>;
  /** To be done when a sweep has left something owed. @throws the error of Cloud Tasks */
  rearm(namespace: string): Promise<void>;
}

/** For applications that sweep by `recover()` only. */
export const noArming: Arming = {
  isNeeded: () => false,
  arm: () => Promise.resolve(),
  rearm: () => Promise.resolve(),
};
