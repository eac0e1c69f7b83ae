/*
 * The lock record on an entity, and transactions on it.
 *
 * A transaction is Lookup, then Commit, and the commit applies only if nobody wrote the entity in between. So what
 * was read need not be remembered: whoever is `fresh` when he commits finds the lock as he read it.
 */
typedef Lock {
  short step;           /* lock_seq */
  byte runId;           /* lock_run; 0: none */
  byte lease;           /* lock_req; 0: free */
  byte tries;           /* lock_try */
  byte number;          /* lock_task: the present dispatch number … */
  byte first;           /* … and the first valid one */
  byte postponed;
  byte settledBy;         /* lock_task: the lease id of the last settle */
  byte end;             /* lock_end */
  short arrivals;       /* lacking; below 0: early */
  bit timedOut;
  bit due;              /* whether lock_due is set */

  bit old;              /* time: the lease may be taken */
  bit early;            /* time: the pause of a release or a postpone is not over */
  bit late;             /* time: the deadline of a wait is over */

  byte attempts;        /* ghost: handlers of this step started, but for those that postponed or handed back */
  byte failures;        /* ghost: which failure of the entity this is */
  byte lastSettle;      /* ghost: whose settle is stored, if nothing but the sweep wrote since */
  byte told;            /* ghost: the failures that somebody was told of */
}
Lock lock[ENTITIES];
#define L lock[e]

#define ENDED (L.step == COMPLETED || L.end)
#define HELD (!ENDED && L.lease)
#define WAITING (!ENDED && !L.lease && L.step > 0 && L.arrivals > 0)
#define READY (!ENDED && !L.lease && L.step > 0 && L.arrivals <= 0)
#define ACTIVE (!ENDED && L.step > 0)
#define IS_HELD_BY(w) (L.lease == ME(w) && L.runId == runId && L.step == step)

/* Ids are new every time; here actors have one each, so whatever one of them left before is somebody's whom nobody asks. */
inline never_used(e, id) {
  L.settledBy = (L.settledBy == id -> 0 : L.settledBy)
}

byte fresh[ENTITIES];   /* who has read the lock as it is stored */
byte former[ENTITIES];  /* of those, who began in a slot that has ended since */

/* Lookup, by one who is going to write: the sweep of this slot is made sure of first. */
inline open(e, a) {
  make_sure_of_sweep(a);
  ADD(fresh[e], a);
  REMOVE(former[e], a)
}

/* A commit was applied: all others must read again. */
inline written(e) {
  fresh[e] = 0;
  check(e)
}
