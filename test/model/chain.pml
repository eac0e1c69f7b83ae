/*
 * Two workers, the sweep, callers and time, on one chain or, with FAMILY or TRANSACT, on a parent and its children.
 * See README.md.
 */
#include "words.pml"
#include "lock.pml"
#include "properties.pml"
#include "partners.pml"
#include "queue.pml"
#include "slots.pml"
#include "acquire.pml"
#include "settle.pml"
#include "operate.pml"

#include "sweep.pml"
#include "worker.pml"
#include "caller.pml"
#include "time.pml"

/* A run of an entity, started and dispatched. */
inline under_way(e) {
  begin(e, 1);
  runs = 1;
  calls++;
  create(TASK(e, 1, 1, 0), 0)
}

init {
  atomic {
#ifdef FAMILY
    under_way(0);
    under_way(1);
#if ENTITIES > 2
    under_way(2);
#endif
    sweepTask = 1;
#endif
    run Worker(0);
    run Worker(1);
    run Sweep();
#if CALLERS > 0
    run Caller(0);
#endif
#if CALLERS > 1
    run Caller(1);
#endif
    run Time()
  }
}
