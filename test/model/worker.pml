/*
 * A worker: an instance that takes one delivery at a time, from arrival to answer: lib/delivery/runner.ts and
 * held-lease.ts. Before every step it may stall (it is a zombie then, and wakes whenever it likes) or crash (another
 * instance takes its place).
 *
 * Deliver and Lookup are one step, and so are the last call and the answer: what can go wrong between them is a
 * second delivery, a lost answer, or a redelivery, each of which is a fault of its own.
 */
#define MAY_STALL (faults > 0 && !IN(stalled, w)) -> faults--

/* Time passes: the queue gives the delivery up and sends its task again. */
inline stall(w) {
  ADD(stalled, w);
  printf("worker %d stalls\n", w);
  answer_again(w)
}

inline wake(w) {
  REMOVE(stalled, w)
}

#ifdef MUTANT_ALERT_CLEARED_BEFORE_SENT
#define SEND_ALERT skip
#else
#define SEND_ALERT ADD(L.told, about)
#endif

/* What is dispatched: a repeat by name, a step's first task without. */
#define MY_TASK TASK(e, runId, step, isNamed * (number + 1))

proctype Worker(byte w) {
  byte t, e, runId, number, about;
  mtype:verdicts verdict;
  mtype:settlements settlement;
  short step;
  bit doubt, slow, wrote, gaveUp, isNamed;

end_idle:
  atomic {
#define TAKE(task) :: (task) < TASKS && DELIVERABLE(task) -> t = task
    if
    EACH_TASK(TAKE)
    fi;
    deliver(w, t);
    e = ENTITY_OF(t);
    runId = RUN_OF(t);
    step = STEP_OF(t);
    number = NUMBER_OF(t);
    t = 0;
    printf("worker %d is delivered run %d step %d number %d of entity %d\n", w, runId, step, number, e);

acquire_lookup:
    wake(w);
    verdict = VERDICT;
    assert(never_ahead && verdict != AHEAD);
    printf("worker %d finds: %e\n", w, verdict);
    if
    :: verdict == STALE || verdict == AHEAD -> goto answer
    :: verdict == BUSY -> goto answer_busy
    :: verdict == STALE_OWED || verdict == SUPERSEDED ->
      isNamed = 1;
      step = L.step;
      number = L.number;
      ADD(dispatching, w);
      goto dispatch
    :: verdict == STALE_ALERT -> about = L.failures; goto tell
    :: else -> open(e, w); goto acquire_commit
    fi
  }

acquire_commit:
  if
  :: atomic { MAY_STALL -> slow = 1; stall(w); goto acquire_commit }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { ACQUIRE_APPLIES -> wake(w); acquired(e, w); goto acquired_it }
  :: atomic { ACQUIRE_APPLIES && MAY_FAIL -> acquired(e, w); doubt = 1; printf("worker %d committed its acquire, and got an error\n", w); goto acquire_pause }
  :: atomic { !IN(fresh[e], w) -> goto acquire_lookup }
  fi;
  /* Nobody knows whether it was applied. */
acquire_pause:
  if
  :: atomic { MAY_STALL -> slow = 1; stall(w); goto acquire_pause }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { true -> goto acquire_lookup }
  fi;

  atomic {
    skip;
acquired_it:
    printf("worker %d committed its acquire\n", w);
    doubt = 0;
    if
    :: verdict == FAIL_LOST -> verdict = 0; about = L.failures; goto tell
    :: else -> verdict = 0; goto start
    fi
  }

start:
  if
  :: atomic { MAY_STALL -> slow = 1; stall(w); goto start }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic {
      wake(w);
#ifndef MUTANT_STARTS_WITHOUT_RENEWAL
      if
      :: slow && IS_HELD_BY(w) -> renewed(e)
      :: slow && !IS_HELD_BY(w) -> goto answer_busy
      :: !slow
      fi;
#endif
      slow = 0;
      printf("worker %d calls the handler\n", w);
      handler_starts(e, w);
      goto handler
    }
  fi;

  /* The handler runs, and ends in one way or another. */
handler:
  if
  :: atomic { MAY_STALL -> stall(w); goto handler }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic {
      wake(w);
      if
      :: settlement = ADVANCE
      :: errors > 0 -> errors--; settlement = RELEASE
      :: errors > 0 -> errors--; gaveUp = 1; settlement = AFTER_ABORT
      :: refusals > 0 -> refusals--; settlement = FAIL
      :: postpones > 0 -> postpones--; settlement = POSTPONE
      :: shutdowns > 0 -> shutdowns--; settlement = HAND_BACK
      fi;
      printf("worker %d is going to settle: %e\n", w, settlement);
#ifdef MUTANT_HAND_BACK_WHILE_RUNNING
      if
      :: settlement == HAND_BACK
      :: else -> handler_ends(w)
      fi;
#else
      handler_ends(w);
#endif

settle_lookup:
      wake(w);
      if
      :: MAY_WRITE(w) -> open(e, w); open_partner(w); goto settle_commit
      :: else
      fi;
      if
      :: WAS_SETTLED_BY(w) -> assert(outcome_is_true && wrote); goto settled   /* our own commit, its answer lost */
      :: else ->
        printf("worker %d finds its lease lost; in doubt: %d\n", w, doubt);
        assert(lost_means_unwritten && (IS_IN_DOUBT || !wrote));
        assert(settle_is_recognised && L.lastSettle != ME(w));
        goto answer_busy
      fi
    }
  fi;

settle_commit:
  if
  :: atomic { MAY_STALL -> stall(w); goto settle_commit }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { SETTLE_APPLIES(w) -> wake(w); settle(e, w); goto settled }
  :: atomic { SETTLE_APPLIES(w) && MAY_FAIL -> settle(e, w); doubt = 1; printf("worker %d settled, and got an error\n", w); goto settle_pause }
  :: atomic { SETTLE_APPLIES(w) && MAY_FAIL -> REMOVE(fresh[e], w); doubt = 1; printf("worker %d did not settle, and does not know\n", w); goto settle_pause }
  :: atomic { !SETTLE_APPLIES(w) -> goto settle_lookup }
  fi;

settle_pause:
  if
  :: atomic { MAY_STALL -> stall(w); goto settle_pause }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { true -> goto settle_lookup }
  fi;

  /* What the lock owes now. */
  atomic {
    skip;
settled:
    printf("worker %d has settled\n", w);
    if
    :: READY && L.runId == runId ->
      step = L.step;
      number = L.number;
      isNamed = number > 0;
      ADD(dispatching, w);
      goto dispatch
    :: HAS_PARTNER -> goto partner
    :: L.end == FAILED && L.due -> about = L.failures; goto tell
    :: else -> goto answer
    fi
  }

dispatch:
  if
  :: atomic { MAY_STALL -> stall(w); goto dispatch }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic {
      wake(w);
      printf("worker %d dispatches run %d step %d number %d of entity %d, by name: %d\n", w, runId, step, number, e, isNamed);
      create(MY_TASK, isNamed);
      if
      :: MAY_FAIL -> create(MY_TASK, isNamed)                /* created, but answered by an error: again */
      :: true
      fi;
      REMOVE(dispatching, w);
      if
      :: HAS_PARTNER -> goto partner
      :: else -> goto answer
      fi
    }
  fi;

  /* The partner's step, after our own. If this is not reached, only the sweep will do it. */
  atomic {
    skip;
partner:
    forget(e, w);
    e = PARTNER;
    if
    :: READY && L.step > 0 ->
      runId = L.runId;
      step = L.step;
      number = L.number;
      isNamed = number > 0;
      settlement = 0;
      ADD(dispatching, w);
      goto dispatch
    :: else -> goto answer
    fi
  }

tell:
  if
  :: atomic { MAY_STALL -> stall(w); goto tell }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { wake(w); SEND_ALERT; printf("worker %d sends the alert of failure %d\n", w, about); goto clear }
  fi;

clear:
  if
  :: atomic { MAY_STALL -> stall(w); goto clear }
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { wake(w); make_sure_of_sweep(w); clear_alert(e, about); goto answer }
  fi;

  /* Labels within one atomic: a jump to them is part of the step that jumps.
     A released step is answered by its error, and its task comes again; every other one by 200. */
  atomic {
    skip;
answer:
    if
    :: settlement == RELEASE -> answer_again(w)
    :: MAY_FAIL -> answer_again(w)                   /* the answer is lost */
    :: settlement != RELEASE -> answer_200(w)
    fi;
    goto over;
crash:
    printf("worker %d crashes\n", w);
    REMOVE(remembered, w);
answer_busy:
    answer_again(w);
over:
    wake(w);
    handler_ends(w);
    REMOVE(taken, w);
    REMOVE(dismissed, w);
    REMOVE(dispatching, w);
    forget(e, w);
    e = 0; runId = 0; step = 0; number = 0; verdict = 0; settlement = 0; about = 0;
    doubt = 0; slow = 0; wrote = 0; gaveUp = 0; isNamed = 0;
    goto end_idle
  }
}
