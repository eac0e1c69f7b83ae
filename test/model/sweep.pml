/*
 * One sweep: looks at all that is due, in a transaction for each.
 */

/* What a sweep does about a lock that is due. */
mtype:todos = {
  PUSH,                 /* look again later */
  DISPATCH              /* the next number */
}

/* A step that is on its way has not come to its time to be swept; that it has all the same is a fault: a slow queue. */
#define IS_OVERDUE (!ON_ITS_WAY && !(dispatching & ~stalled))

/* A step that still waits when it is due goes on without those that have not arrived. */
inline time_is_up() {
  L.timedOut = L.timedOut || WAITING;
  L.arrivals = (WAITING -> 0 : L.arrivals);
  L.late = 0
}

#define IS_TO_BE_SWEPT ((HELD && L.old) || READY || (WAITING && L.late))

proctype Sweep() {
  byte e, runId, number, about;
  mtype:todos todo;
  short step;

end_waiting:
  atomic {
    sweepRipe;
    sweepRipe = 0;
    sweeping = 1;
    /* It runs so long after its slot that no transaction begun in the slot can still commit. */
    all_entities(fresh[e] = fresh[e] & ~former[e]; former[e] = 0);
    if
    :: ANY_DUE
    :: else -> goto over
    fi;
    goto rearm
  }

rearm:
  if
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic {
#ifndef MUTANT_SWEEP_NOT_REARMED
      sweepTask = 1;
#endif
      goto look
    }
  fi;

  /* The query, and GetTask. */
  atomic {
    skip;
look:
    runId = L.runId;
    step = L.step;
    number = L.number;
    about = L.failures;
    if
    :: !L.due || (READY && L.early) || (HELD && !L.old) || (WAITING && !L.late) -> goto next
    :: L.end == FAILED -> goto tell
    :: else
    fi;
    if
    :: IS_OVERDUE -> todo = DISPATCH
    :: !IS_OVERDUE && MAY_FAIL -> todo = (READY && EXISTS(NAME(e, runId, step, number)) -> PUSH : DISPATCH)
    :: !IS_OVERDUE -> goto next
    fi;
    goto lookup
  }

  /* Its own transaction looks again. */
lookup:
  if
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic {
      if
      :: L.runId == runId && L.step == step && L.number == number && L.due && IS_TO_BE_SWEPT -> open(e, SWEEP); goto commit
      :: else -> goto next
      fi
    }
  fi;

commit:
  if
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic {
      if
      :: !IN(fresh[e], SWEEP) -> goto lookup
      :: todo == PUSH -> printf("the sweep will look again later\n"); written(e); goto next
      :: else ->
#ifndef MUTANT_SWEEP_KEEPS_NUMBER
        L.number++;
#endif
#ifdef MUTANT_SWEEP_MOVES_DEADLINE
        L.late = 0;
#else
        time_is_up();
#endif
        written(e);
        number = L.number;
        printf("the sweep raises the number of step %d of entity %d to %d\n", step, e, number);
        goto dispatch
      fi
    }
  fi;

dispatch:
  if
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { printf("the sweep dispatches\n"); create(NAME(e, runId, step, number), true); goto next }
  fi;

tell:
  if
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { printf("the sweep sends the alert of failure %d\n", about); ADD(L.told, about); goto clear }
  fi;

clear:
  if
  :: atomic { MAY_FAIL -> goto crash }
  :: atomic { make_sure_of_sweep(SWEEP); clear_alert(e, about); goto next }
  fi;

  atomic {
    skip;
next:
    if
    :: e + 1 < ENTITIES -> e++; goto look
    :: else -> goto over
    fi;
crash:  /* the sweep's own task is delivered again */
    printf("the sweep crashes\n");
    sweepRipe = 1;
    REMOVE(remembered, SWEEP);
over:
    sweeping = 0;
    all_entities(REMOVE(fresh[e], SWEEP));
    todo = 0; runId = 0; step = 0; number = 0; about = 0;
    sweep_is_coming();
    goto end_waiting
  }
}
