/*
 * Who calls from outside a lease: schedule() of lib/run/starter.ts, and the operations of lib/run/operator.ts. After a
 * commit of unknown outcome a call is decided again only against the run that it first saw, a retry against the same
 * failure, what is meant for a step against that step as it stood, or its own result.
 */
#ifdef MUTANT_START_DECIDED_AGAIN
#define IS_BOUND (call != START && call != REPLACE)
#elif defined(MUTANT_CANCEL_DECIDED_AGAIN)
#define IS_BOUND (call != CANCEL)
#else
#define IS_BOUND true
#endif
#ifdef MUTANT_RETRY_DECIDED_AGAIN
#define IS_MEANT_FAILURE true
#else
#define IS_MEANT_FAILURE (call != RETRY || L.failures == failure)
#endif
#define IS_OF_STEP (call == RUN_NOW || call == RELEASE_BY_HAND || call == DISPATCH_AGAIN)
#define IS_STEP_SEEN (L.step == stepSeen && L.number == numberSeen && (L.lease == leaseSeen || L.lease == DEAD))
#ifdef MUTANT_OPERATION_DECIDED_AGAIN
#define IS_MEANT_STEP true
#else
#define IS_MEANT_STEP (!IS_OF_STEP || IS_STEP_SEEN)
#endif
#define IS_MEANT_RUN (!doubt || !IS_BOUND || (L.runId == seen && IS_MEANT_FAILURE && IS_MEANT_STEP))

/* Nothing to retry, to cancel, to hasten, to release, to deliver; RunActiveError, RunStateError. */
#define IS_REFUSED \
  ((call == START && ACTIVE) || (call == RETRY && (L.end != FAILED || L.step < 1)) || (call == CANCEL && !ACTIVE) \
  || (call == RUN_NOW && !READY && !WAITING) || (call == RELEASE_BY_HAND && !HELD) || (call == DISPATCH_AGAIN && !READY && !HELD))

/* The first call of all is a start; later ones are what the configuration allows. */
#define MAY_START (runs < RUNS)
#ifdef REPLACES
#define MAY_REPLACE (calls > 0 && runs < RUNS)
#else
#define MAY_REPLACE false
#endif
#ifdef RETRIES
#define MAY_RETRY (calls > 0)
#else
#define MAY_RETRY false
#endif
#ifdef CANCELS
#define MAY_CANCEL (calls > 0)
#else
#define MAY_CANCEL false
#endif
#ifdef BY_HAND
#define MAY_ACT_BY_HAND (calls > 0)
#else
#define MAY_ACT_BY_HAND false
#endif

inline apply_call(e, c) {
  if
  :: call == START || call == REPLACE -> holder_joins(dismissed, e); begin(e, id)
  :: call == RETRY ->
    assert(outcome_is_true && L.failures == failure);
    retry(e, id)
  :: call == CANCEL ->
    assert(outcome_is_true && L.runId == seen);
    holder_joins(dismissed, e);
    cancel(e, id)
  :: IS_OF_STEP ->
    assert(outcome_is_true && L.runId == seen && IS_STEP_SEEN);
    if
    :: call == RUN_NOW -> run_now(e, id)
    :: call == RELEASE_BY_HAND -> holder_joins(dismissed, e); release_by_hand(e, c)
    :: call == DISPATCH_AGAIN -> dispatch_again(e, id)
    fi
  fi;
  written(e)
}

proctype Caller(byte c) {
  byte e, id, seen, failure, left = CALLS, number, numberSeen, leaseSeen;
  mtype:calling call;
  short step, stepSeen;
  bit doubt, isNamed;

end_ready:
  atomic {
    left > 0;
    if
    :: MAY_START -> call = START
    :: MAY_REPLACE -> call = REPLACE
    :: MAY_RETRY -> call = RETRY
    :: MAY_CANCEL -> call = CANCEL
    :: MAY_ACT_BY_HAND -> call = RUN_NOW
    :: MAY_ACT_BY_HAND -> call = RELEASE_BY_HAND
    :: MAY_ACT_BY_HAND -> call = DISPATCH_AGAIN
    fi;
    left--;
    calls++;
    printf("caller %d calls: %e\n", c, call);
    if
    :: call == START || call == REPLACE -> runs++; id = runs
    :: else -> id = ME(CALLER(c)); never_used(e, id)
    fi;
    seen = L.runId;
    failure = L.failures;

lookup:
    if
    :: (call == START || call == REPLACE) && L.runId == id -> goto dispatch_present   /* our own commit */
    :: !(call == START || call == REPLACE) && L.settledBy == id -> goto dispatch_present
    :: else
    fi;
    if
    :: !IS_MEANT_RUN -> goto over                     /* OutcomeUnknownError */
    :: else
    fi;
    seen = (doubt -> seen : L.runId);
    failure = (doubt -> failure : L.failures);
    if
    :: IS_OF_STEP && !doubt -> stepSeen = L.step; numberSeen = L.number; leaseSeen = L.lease
    :: else
    fi;
    if
    :: IS_REFUSED -> goto over
    :: else -> open(e, CALLER(c)); goto commit
    fi
  }

commit:
  if
  :: atomic { MAY_FAIL -> printf("caller %d dies\n", c); goto over }
  :: atomic { IN(fresh[e], CALLER(c)) -> apply_call(e, c); printf("caller %d committed\n", c); goto dispatch_present }
  :: atomic { IN(fresh[e], CALLER(c)) && MAY_FAIL -> apply_call(e, c); doubt = 1; printf("caller %d committed, and got an error\n", c); goto pause }
  :: atomic { IN(fresh[e], CALLER(c)) && MAY_FAIL -> REMOVE(fresh[e], CALLER(c)); doubt = 1; printf("caller %d did not commit, and does not know\n", c); goto pause }
  :: atomic { !IN(fresh[e], CALLER(c)) -> goto lookup }
  fi;

  /* The pause before it is decided again. */
pause:
  if
  :: atomic { true -> goto lookup }
  :: atomic { MAY_FAIL -> printf("caller %d dies\n", c); goto over }
  fi;

  atomic {
    skip;
dispatch_present:
    if
    :: READY || (HELD && call == DISPATCH_AGAIN) -> step = L.step; number = L.number; seen = L.runId; isNamed = number > 0; ADD(dispatching, CALLER(c)); goto dispatch
    :: L.end == FAILED && L.due && call == RELEASE_BY_HAND -> failure = L.failures; goto tell
    :: else -> goto over
    fi
  }
dispatch:
  if
  :: atomic { printf("caller %d dispatches\n", c); create(TASK(e, seen, step, isNamed * (number + 1)), isNamed); goto over }
  :: atomic { MAY_FAIL -> printf("caller %d dies\n", c); goto over }
  fi;

tell:
  if
  :: atomic { printf("caller %d sends the alert of failure %d\n", c, failure); ADD(L.told, failure); goto clear }
  :: atomic { MAY_FAIL -> printf("caller %d dies\n", c); goto over }
  fi;
clear:
  if
  :: atomic { make_sure_of_sweep(CALLER(c)); clear_alert(e, failure); goto over }
  :: atomic { MAY_FAIL -> printf("caller %d dies\n", c); goto over }
  fi;

  atomic {
    skip;
over:
    forget(e, CALLER(c));
    REMOVE(dispatching, CALLER(c));
    REMOVE(remembered, CALLER(c));
    call = 0; id = 0; seen = 0; failure = 0; step = 0; number = 0; doubt = 0; isNamed = 0;
    stepSeen = 0; numberSeen = 0; leaseSeen = 0;
    goto end_ready
  }
}
