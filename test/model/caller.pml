/*
 * Who calls from outside a lease: schedule(), retry(), cancel(); lib/run/starter.ts. After a commit of unknown
 * outcome a call is decided again only against the run that it first saw, a retry against the same failure, or its own result.
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
#define IS_MEANT_RUN (!doubt || !IS_BOUND || (L.runId == seen && IS_MEANT_FAILURE))

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
  fi;
  written(e)
}

proctype Caller(byte c) {
  byte e, id, seen, failure, left = CALLS, number;
  mtype:calling call;
  short step;
  bit doubt, isNamed;

end_ready:
  atomic {
    left > 0;
    if
    :: MAY_START -> call = START
    :: MAY_REPLACE -> call = REPLACE
    :: MAY_RETRY -> call = RETRY
    :: MAY_CANCEL -> call = CANCEL
    fi;
    left--;
    calls++;
    printf("caller %d calls: %e\n", c, call);
    if
    :: call == START || call == REPLACE -> runs++; id = runs
    :: else -> id = ME(CALLER(c))
    fi;
    seen = L.runId;
    failure = L.failures;

lookup:
    if
    :: (call == START || call == REPLACE) && L.runId == id -> goto dispatch_present   /* our own commit */
    :: (call == RETRY || call == CANCEL) && L.settledBy == id -> goto dispatch_present
    :: else
    fi;
    if
    :: !IS_MEANT_RUN -> goto over                     /* OutcomeUnknownError */
    :: else
    fi;
    seen = (doubt -> seen : L.runId);
    failure = (doubt -> failure : L.failures);
    if
    :: (call == START && ACTIVE) || (call == RETRY && (L.end != FAILED || L.step < 1)) || (call == CANCEL && !ACTIVE) ->
      goto over                                      /* RunActiveError, or nothing to retry or to cancel */
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
    :: READY -> step = L.step; number = L.number; seen = L.runId; isNamed = number > 0; ADD(dispatching, CALLER(c)); goto dispatch
    :: else -> goto over
    fi
  }
dispatch:
  if
  :: atomic { printf("caller %d dispatches\n", c); create(TASK(e, seen, step, isNamed * (number + 1)), isNamed); goto over }
  :: atomic { MAY_FAIL -> printf("caller %d dies\n", c); goto over }
  fi;

  atomic {
    skip;
over:
    forget(e, CALLER(c));
    REMOVE(dispatching, CALLER(c));
    REMOVE(remembered, CALLER(c));
    call = 0; id = 0; seen = 0; failure = 0; step = 0; number = 0; doubt = 0; isNamed = 0;
    goto end_ready
  }
}
