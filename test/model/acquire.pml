/*
 * The acquire table, lib/lock/acquire.ts: what a delivery (run, step, number) of worker w may do to the lock L. The
 * first row that matches wins, and the rows stand in the order of the code.
 */
#define ROW(condition, verdict) (condition) -> (verdict) :

#ifdef MUTANT_RUN_NOT_COMPARED
#define OF_ANOTHER_RUN false
#else
#define OF_ANOTHER_RUN (L.runId != runId)
#endif

#ifdef MUTANT_ENDED_ROW_AFTER_STEP
#define ENDED_ROW_FIRST false
#define ENDED_ROW_LAST ENDED
#else
#define ENDED_ROW_FIRST ENDED
#define ENDED_ROW_LAST false
#endif

#ifdef MUTANT_POSTPONE_NOT_GATED
#define IS_SUPERSEDED false
#else
#define IS_SUPERSEDED (number < L.first)
#endif

#define IS_WAITING (WAITING && !L.late)

#define ALERT_OWED (L.end == FAILED && L.step == step && L.due)
#define UNTOUCHED (L.step == step + 1 && READY && L.tries == 0)

#define VERDICT \
  ( ROW(L.step == 0,                                       STALE) \
  ( ROW(OF_ANOTHER_RUN,                                    STALE) \
  ( ROW(ENDED_ROW_FIRST && ALERT_OWED,                     STALE_ALERT) \
  ( ROW(ENDED_ROW_FIRST,                                   STALE) \
  ( ROW(L.step > step && UNTOUCHED,                        STALE_OWED) \
  ( ROW(L.step > step,                                     STALE) \
  ( ROW(L.step < step,                                     AHEAD) \
  ( ROW(ENDED_ROW_LAST,                                    STALE) \
  ( ROW(IS_WAITING,                                        STALE) \
  ( ROW(IS_SUPERSEDED && READY,                            SUPERSEDED) \
  ( ROW(IS_SUPERSEDED,                                     STALE) \
  ( ROW(L.lease == 0 || L.lease == ME(w),                  ACQUIRE) \
  ( ROW(!L.old,                                            BUSY) \
  ( ROW(L.tries >= MAX_RETRIES,                            FAIL_LOST) \
  TAKE_OVER \
  ))))))))))))))

#ifdef MUTANT_TAKEOVER_NOT_RECHECKED
#define ACQUIRE_APPLIES (IN(fresh[e], w) || verdict == TAKE_OVER)
#else
#define ACQUIRE_APPLIES IN(fresh[e], w)
#endif

/* The commit of an acquire: a lease, or the end of a run whose last attempt was lost. */
inline acquired(e, w) {
  if
  :: verdict == FAIL_LOST -> holder_joins(taken, e); fail(e, w); written(e)
  :: else ->
    assert(right_run_and_step && L.runId == runId && L.step == step && !ENDED);
    assert(not_before_its_time && !L.early);
    hold(e, w);
    wait_is_over(e)
  fi
}

/* What an acquire or a takeover stores: hold(). */
inline hold(e, w) {
  if
  :: verdict == TAKE_OVER ->
#ifndef MUTANT_TAKEOVER_NOT_COUNTED
    L.tries++;
#endif
    holder_joins(taken, e)
  :: else
  fi;
  REMOVE(taken, w);
  REMOVE(dismissed, w);
  L.lease = ME(w);
  never_used(e, ME(w));
  L.lastSettle = 0;
  L.old = 0;
  L.timedOut = L.timedOut || L.arrivals > 0;
  L.arrivals = (L.arrivals < 0 -> L.arrivals : 0);
  L.late = 0;
  L.due = 1;
  written(e)
}
