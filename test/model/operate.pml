/*
 * What begins, restarts and ends runs from outside: lib/lock/start.ts, lib/lock/operate.ts.
 */

/* A new lock; nothing of the old one remains but the ghosts of the entity. */
inline begin(e, id) {
  L.runId = id;
  L.step = 1;
  L.lease = 0;
  L.tries = 0;
  L.number = 0;
  L.first = 0;
  L.postponed = 0;
  L.settledBy = 0;
  L.lastSettle = 0;
  L.end = 0;
  L.arrivals = 0;
  L.timedOut = 0;
  L.old = 0;
  L.early = 0;
  L.late = 0;
  L.due = 1;
  begun(e, id)
}

/* A failed run goes on at the step that failed. */
inline retry(e, operation) {
  L.end = 0;
  L.tries = 0;
  L.postponed = 0;
  L.number++;
  L.first = L.number;
  L.settledBy = operation;
  L.lastSettle = 0;
  L.early = 0;
  L.due = 1;
  L.attempts = 0
}

inline cancel(e, operation) {
  L.end = CANCELLED;
  L.lease = 0;
  L.old = 0;
  L.early = 0;
  L.settledBy = operation;
  L.lastSettle = 0;
  L.due = 0
}

/* A step that waits for its time, or for arrivals, does so no longer. */
inline run_now(e, operation) {
#ifndef MUTANT_RUN_NOW_LEAVES_THE_WAIT
  time_is_up();
#endif
  L.number++;
  L.first = L.number;
  L.settledBy = operation;
  L.lastSettle = 0;
  L.early = 0;
  L.due = 1;
  assert(outcome_is_true && READY)
}

/* A lease ends as a lost one does; its holder will find it gone. */
inline release_by_hand(e, c) {
#ifdef MUTANT_RELEASE_BY_HAND_NOT_COUNTED
  again(e, CALLER(c));
#else
#ifdef MUTANT_RELEASE_BY_HAND_LOOKS_LIKE_A_SETTLE
  release(e, leaseSeen - 1);
#else
  release(e, CALLER(c));
#endif
#endif
  L.lastSettle = 0
}

/* Another task of the same step; that of before stays valid. */
inline dispatch_again(e, operation) {
  L.number++;
  L.settledBy = operation;
  L.lastSettle = 0;
  L.due = 1
}

/* The alert of the failure `about` has been sent: obligations.ts, alertSent(). */
inline clear_alert(e, about) {
  if
#ifdef MUTANT_ANOTHER_FAILURE_CLEARED
  :: L.end == FAILED && L.due ->
#else
  :: L.end == FAILED && L.due && L.failures == about ->
#endif
    L.due = 0;
    written(e)
  :: else
  fi
}
