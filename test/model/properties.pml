/*
 * What must never happen. Ghosts are variables that the protocol does not have; they only remember for the asserts.
 * Each assert begins with the name of its property, which counts as true.
 */
mtype:properties = {
  once_and_in_order,       /* one commit per (run, step); step n + 1 only after n */
  run_id_unique,           /* a run id is not written twice */
  one_holder,              /* no two handlers of one step, unless the lease was taken from the first */
  no_zombie_write,         /* only the stored lease writes */
  starts_with_its_lease,   /* no handler starts after its lease was taken */
  right_run_and_step,      /* no handler for another run, or another step than the lock's */
  never_ahead,             /* no delivery finds its step ahead of the lock */
  not_before_its_time,     /* no handler during the pause after a release or a postpone */
  owed_is_due,             /* lock_due is set exactly while something is owed */
  swept,                   /* while anything is due, a sweep is coming */
  attempts_bounded,        /* a step's handler starts at most maxRetries + 1 times */
  tasks_are_bounded,       /* tasks alive: two, and one for each call, fault and error */
  numbers_bounded,         /* the bound NUMBERS was not reached */
  lost_means_unwritten,    /* LeaseLostError only if nothing was written */
  settle_is_recognised,    /* a settle whose answer was lost is found again, if it is still what is stored */
  outcome_is_true,         /* what a caller is told happened has happened, and to the run that was meant */
  failure_is_told,         /* lock_due of a failed run is cleared only after its alert was sent */
  finished_work,           /* a handler that gave up because of its signal does not complete its step */
  arrivals_once,           /* each child counts once, for the run and the wait that it was started for */
  all_arrived,             /* a waiting step begins when all have arrived, or says that it timed out */
  ended_in_the_end         /* when nothing moves any more: ended, told, and no task is left */
}

byte stepsDone[ENTITIES * RUNS];    /* ghost: steps committed of each run */
bit begunRuns[ENTITIES * RUNS];     /* ghost */
byte handling;                      /* ghost: workers whose handler runs … */
byte taken;                         /* … those whose lease was taken over … */
byte dismissed;                     /* … or whose run was cancelled or replaced */
byte handledEntity[WORKERS];        /* ghost: what they handle */

#define DONE(e, run) stepsDone[(e) * RUNS + (run) - 1]

inline committed(e, s) {
  assert(once_and_in_order && DONE(e, L.runId) == s - 1);
  assert(finished_work && !gaveUp);
  DONE(e, L.runId) = s
}

inline begun(e, id) {
  assert(run_id_unique && !begunRuns[(e) * RUNS + (id) - 1]);
  begunRuns[(e) * RUNS + (id) - 1] = 1;
  L.attempts = 0
}

inline holder_joins(group, e) {
  if
  :: L.lease && L.lease <= ME(WORKERS - 1) -> ADD(group, L.lease - 1)
  :: else
  fi
}

inline handler_starts(e, w) {
  assert(starts_with_its_lease && !IN(taken, w));
  assert(one_holder && (!IN(handling & ~taken & ~dismissed, 1 - w) || handledEntity[1 - w] != e || IN(dismissed, w)));
  ADD(handling, w);
  handledEntity[w] = e;
  if
  :: IS_HELD_BY(w) -> L.attempts++
  :: else                                           /* cancelled or replaced, and not yet told so */
  fi;
  assert(attempts_bounded && L.attempts <= MAX_RETRIES + 1)
}

inline handler_ends(w) {
  REMOVE(handling, w);
  handledEntity[w] = 0
}

inline tasks_bounded() {
  assert(tasks_are_bounded && alive <= LONELY + calls + (FAULTS - faults) + (ERRORS - errors))
}

#define TOLD (L.end != FAILED || IN(L.told, L.failures))

/* After every write. */
inline check(e) {
  assert(owed_is_due && (ACTIVE -> L.due : (L.end == FAILED || !L.due)));
  assert(failure_is_told && (L.due || TOLD));
  assert(numbers_bounded && L.number <= NUMBERS);
  sweep_is_coming()
}

#define ENTITY_AT_REST(e) (lock[e].step == 0 || ((lock[e].step == COMPLETED || lock[e].end) && !lock[e].due))
#if ENTITIES == 1
#define AT_REST ENTITY_AT_REST(0)
#define ANY_DUE lock[0].due
#elif ENTITIES == 2
#define AT_REST (ENTITY_AT_REST(0) && ENTITY_AT_REST(1))
#define ANY_DUE (lock[0].due || lock[1].due)
#else
#define AT_REST (ENTITY_AT_REST(0) && ENTITY_AT_REST(1) && ENTITY_AT_REST(2))
#define ANY_DUE (lock[0].due || lock[1].due || lock[2].due)
#endif
