/*
 * The commits that end a lease: lib/lock/settle.ts. Each stores its lease id and sets lock_due by what is owed then.
 */
inline end_lease(e, by) {
  L.lease = 0;
  L.settledBy = by;
  L.lastSettle = by;
  L.old = 0
}

/* Fenced: lib/lock/lease.ts, standing(); lib/delivery/lease-writer.ts. */
#ifdef MUTANT_SETTLE_UNFENCED
#define MAY_WRITE(w) true
#else
#define MAY_WRITE(w) IS_HELD_BY(w)
#endif
#define WAS_SETTLED_BY(w) (L.settledBy == ME(w))
#ifdef MUTANT_DOUBT_FORGOTTEN
#define IS_IN_DOUBT false
#else
#define IS_IN_DOUBT doubt
#endif

/* What a plain return means after the signal has fired. */
#ifdef MUTANT_RETURN_AFTER_ABORT_COMPLETES
#define AFTER_ABORT ADVANCE
#else
#define AFTER_ABORT RELEASE
#endif

/* A renewal: save(), renew(). */
inline renewed(e) {
  L.old = 0;
  written(e)
}

/* The next step, or the run is complete: advance(), complete(). */
inline advance(e, w) {
  committed(e, step);
  L.tries = 0;
  L.number = 0;
  L.first = 0;
  L.postponed = 0;
  L.timedOut = 0;
  L.attempts = 0;
  if
  :: step < STEPS_OF(e) -> L.step = step + 1; L.due = 1; wait(e)
  :: else -> L.step = COMPLETED; L.due = 0
  fi;
  end_lease(e, ME(w))
}

/* The same step once more, by a dispatch of its own: again(). */
inline again(e, w) {
  L.number++;
  L.first = L.number;
  L.due = 1;
  end_lease(e, ME(w))
}

inline release(e, w) {
  if
  :: L.tries + 1 > MAX_RETRIES -> fail(e, w)
  :: else ->
    L.tries++;
    L.early = 1;
#ifdef MUTANT_RELEASE_WITHOUT_NUMBER
    L.due = 1; end_lease(e, ME(w))
#else
    again(e, w)
#endif
#ifdef MUTANT_RELEASE_WITHOUT_DUE
    ; L.due = 0
#endif
#ifdef MUTANT_RELEASE_WITHOUT_SETTLE_ID
    ; L.settledBy = 0
#endif
  fi
}

inline postpone(e, w) {
  if
  :: L.postponed + 1 > MAX_POSTPONES -> fail(e, w)
  :: else ->
    L.postponed++;
    L.early = 1;
    L.attempts--;
    again(e, w)
  fi
}

inline hand_back(e, w) {
  L.attempts--;
  again(e, w)
}

/* The lease ends in one of these ways; the fence is in MAY_WRITE. */
inline settle(e, w) {
  assert(no_zombie_write && IS_HELD_BY(w));
  if
  :: settlement == ADVANCE -> advance(e, w)
  :: settlement == RELEASE -> release(e, w)
  :: settlement == POSTPONE -> postpone(e, w)
  :: settlement == HAND_BACK -> hand_back(e, w)
  :: settlement == FAIL -> fail(e, w)
  fi;
  wrote = 1;
  partner_commits(e, w);
  written(e)
}

/* The run ends, and owes its alert. */
inline fail(e, w) {
  L.end = FAILED;
  L.tries++;
  L.failures++;
#ifdef MUTANT_FAIL_WITHOUT_DUE
  L.due = 0;
#else
  L.due = 1;
#endif
  end_lease(e, ME(w))
}
