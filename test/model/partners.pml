/*
 * Other entities that a settle writes in its own commit (transact): none in a chain alone; the child that a parent's
 * first step starts; the parent at which a child arrives when it completes.
 */
#if defined(FAMILY)
/* Entity 0 is the parent. Its step 2 waits for its children, entities 1 and 2, which have one step each. */
#define PARENT 0
#define PARTNER PARENT
#define HAS_PARTNER (e != PARENT && settlement == ADVANCE)
#define CHILDREN (ENTITIES - 1)
#define ALL_CHILDREN ((1 << ENTITIES) - 2)
#elif defined(TRANSACT)
/* Entity 0 is the parent. Its step 1 starts the child, entity 1, which has one step. */
#define PARTNER 1
#define HAS_PARTNER (e == 0 && step == 1 && settlement == ADVANCE)
#else
#define PARTNER 0
#define HAS_PARTNER false
#endif

#define STEPS_OF(e) (STEPS - ((e) > 0) * (STEPS - 1))

/* One transaction over both: each must be as it was read. */
inline open_partner(w) {
  if
  :: HAS_PARTNER -> open(PARTNER, w)
  :: else
  fi
}
#define SETTLE_APPLIES(w) (IN(fresh[e], w) && (!HAS_PARTNER || IN(fresh[PARTNER], w)))

byte arrived;           /* ghost: children that have arrived and count */

/* Where a step begins that waits for arrivals: wait(). Those that came early count. */
inline wait(e) {
#ifdef FAMILY
  if
  :: e == PARENT && step == 1 && runId == 1 -> L.arrivals = L.arrivals + CHILDREN; L.late = 0
  :: else
  fi
#else
  skip
#endif
}

#ifdef MUTANT_PARTNER_WITHOUT_DUE
#define START_IS_DUE lock[PARTNER].due = 0
#else
#define START_IS_DUE skip
#endif

inline partner_commits(e, w) {
#ifdef FAMILY
  if
  :: HAS_PARTNER -> arrive(e); written(PARENT)
  :: else
  fi
#elif defined(TRANSACT)
  if
  :: HAS_PARTNER -> begin(PARTNER, 1); START_IS_DUE; written(PARTNER)
  :: else
  fi
#else
  skip
#endif
}

/*
 * tx.arrive(): child e counts at the parent P. It counts for the run and the wait that it was started for, and for
 * nothing else; a parent that failed before its wait may still come to it, by retry().
 */
#define P lock[PARENT]
#define P_WAITS (!P.end && P.lease == 0 && P.step == 2 && P.arrivals > 0)
#define IS_AWAITED (P.runId == 1 && P.end != CANCELLED && (P.step == 1 || P_WAITS))
#ifdef MUTANT_ARRIVAL_NAMES_NO_RUN
#define COUNTS (P.step > 0 && !P.end)
#else
#define COUNTS IS_AWAITED
#endif
#ifdef MUTANT_ARRIVAL_COUNTED_TWICE
#define ONE_ARRIVAL (arrived -> 2 : 1)
#else
#define ONE_ARRIVAL 1
#endif
#ifdef MUTANT_EARLY_ARRIVAL_FORGOTTEN
#define WEIGHT (P_WAITS -> ONE_ARRIVAL : 0)
#elif defined(MUTANT_ARRIVAL_AT_FAILED_FORGOTTEN)
#define WEIGHT (P.end == FAILED -> 0 : ONE_ARRIVAL)
#else
#define WEIGHT ONE_ARRIVAL
#endif

inline arrive(e) {
  if
  :: COUNTS ->
    assert(arrivals_once && IS_AWAITED && !IN(arrived, e));
    P.arrivals = P.arrivals - WEIGHT;
    ADD(arrived, e)
  :: else
  fi
}

/* When the parent's second step begins, all have arrived; or it says that they have not. */
inline wait_is_over(e) {
#ifdef FAMILY
  assert(all_arrived && (e != PARENT || step != 2 || runId != 1 || (L.timedOut == (arrived != ALL_CHILDREN) && L.arrivals == 0)))
#else
  skip
#endif
}

/* Nobody asks for this lease or settle again: its id stands for nobody. */
inline forget(e, a) {
  L.lease = (L.lease == ME(a) -> DEAD : L.lease);
  L.settledBy = (L.settledBy == ME(a) -> 0 : L.settledBy);
  L.lastSettle = (L.lastSettle == ME(a) -> 0 : L.lastSettle);
  REMOVE(fresh[e], a);
  REMOVE(fresh[PARTNER], a)
}
