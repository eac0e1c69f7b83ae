/*
 * The bounds of a configuration, and the words that all files share. `run` sets the bounds with -D; what is not
 * set is off. A mutation is set the same way: -DMUTANT_…
 */

/* How much of everything a configuration allows. */
#ifndef ENTITIES
#define ENTITIES 1
#endif
#ifndef STEPS           /* steps of the chain (of the parent, where there are children) */
#define STEPS 2
#endif
#ifndef RUNS            /* runs that are started on one entity, at most */
#define RUNS 1
#endif
#ifndef NUMBERS         /* highest dispatch number; reaching beyond it is reported, never cut off */
#define NUMBERS 3
#endif
#ifndef MAX_RETRIES     /* the option maxRetries: a step runs at most this often and once more */
#define MAX_RETRIES 1
#endif
#ifndef MAX_POSTPONES
#define MAX_POSTPONES 1
#endif
#ifndef FAULTS          /* any combination of so many faults */
#define FAULTS 2
#endif
#ifndef ERRORS          /* handlers that throw, or return after their signal has fired */
#define ERRORS 0
#endif
#ifndef REFUSALS        /* handlers that throw a PermanentTaskError */
#define REFUSALS 0
#endif
#ifndef POSTPONES       /* handlers that throw a RetryTaskError */
#define POSTPONES 0
#endif
#ifndef SHUTDOWNS       /* shutdowns while a handler runs */
#define SHUTDOWNS 0
#endif
#ifndef CALLERS
#define CALLERS 1
#endif
#ifndef CALLS           /* calls of each caller; the very first call of all is a start */
#define CALLS 1
#endif
#ifndef LONELY          /* tasks alive at a time, without calls, faults and errors, at most */
#define LONELY 2
#endif

#define WORKERS 2

/* Who opens transactions: the workers 0 and 1, the sweep, the callers. A lease, and whoever settled one, is ME. */
#define SWEEP WORKERS
#define CALLER(c) (WORKERS + 1 + (c))
#define ME(a) ((a) + 1)
#define DEAD 15         /* a lease that nobody alive knows of */

#define COMPLETED -1    /* lock_seq of a completed run */
#define FAILED 1        /* lock_end */
#define CANCELLED 2

/* What becomes of a delivery: lib/lock/acquire.ts */
mtype:verdicts = {
  STALE,
  STALE_OWED,           /* the successor's task is owed: make sure of it by name */
  STALE_ALERT,          /* the alert is owed */
  AHEAD,
  SUPERSEDED,           /* make sure by name of the present number */
  BUSY,
  ACQUIRE,
  TAKE_OVER,
  FAIL_LOST
}

/* What ends a lease: lib/lock/settle.ts; an advance from the last step completes. */
mtype:settlements = { ADVANCE, RELEASE, POSTPONE, HAND_BACK, FAIL }

/* What a caller asks for. */
mtype:calling = { START, REPLACE, RETRY, CANCEL, RUN_NOW, RELEASE_BY_HAND, DISPATCH_AGAIN }

/* Sets of actors, failures, children. */
#define IN(set, a) (((set) >> (a)) & 1)
#define ADD(set, a) set = set | (1 << (a))
#define REMOVE(set, a) set = set & ~(1 << (a))

/* What is left of the bounds. */
byte faults = FAULTS;
byte errors = ERRORS;
byte refusals = REFUSALS;
byte postpones = POSTPONES;
byte shutdowns = SHUTDOWNS;
byte calls;             /* made so far */
byte stalled;           /* workers whose time passes without them */
byte runs;              /* run ids given out */
#define MAY_FAIL (faults > 0) -> faults--
