/*
 * When sweeps come. Time is cut into slots, and the sweep of a slot is a task that runs after the slot; whoever writes
 * makes sure of it first, and remembers that he did until the slot is over.
 */
#define all_entities(what) e = 0; do :: e < ENTITIES -> what; e++ :: else -> break od; e = 0

bit sweepTask;          /* the task of the present slot's sweep exists */
bit sweepRipe;          /* that of the former slot waits for its delivery */
bit sweeping;           /* … or is being delivered */
bit sweepLost;          /* a sweep's task was lost: only recover() can be relied on */
byte remembered;        /* who knows that the present slot's sweep exists */

inline make_sure_of_sweep(a) {
  if
  :: IN(remembered, a)
  :: else -> ADD(remembered, a); sweepTask = 1
  fi
}

inline slot_ends() {
  sweepTask = 0;
  sweepRipe = 1;
#ifndef MUTANT_SWEEP_REMEMBERED_FOR_EVER
  remembered = 0;
#endif
#ifndef MUTANT_SWEEP_DOES_NOT_WAIT
  all_entities(former[e] = fresh[e])
#endif
}

inline sweep_is_coming() {
  assert(swept && (!ANY_DUE || sweepTask || sweepRipe || sweeping || sweepLost))
}
