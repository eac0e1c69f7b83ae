/*
 * What happens by itself: time passes, and the queue loses and repeats. Leases of holders that live grow no older,
 * because these renew.
 */
#define IS_DEAD(lease) ((lease) == DEAD || ((lease) > 0 && (lease) <= ME(WORKERS - 1) && IN(stalled, (lease) - 1)))
#define AGES(e) (lock[e].lease && !lock[e].old && IS_DEAD(lock[e].lease))

/* For liveness, slots are longer than transactions, pauses and leases; else time alone could go on for ever. */
#ifdef UNHURRIED
#define HURRIES(e) (fresh[e] || lock[e].early || AGES(e))
#if ENTITIES == 1
#define IS_HURRIED HURRIES(0)
#elif ENTITIES == 2
#define IS_HURRIED (HURRIES(0) || HURRIES(1))
#else
#define IS_HURRIED (HURRIES(0) || HURRIES(1) || HURRIES(2))
#endif
#else
#define IS_HURRIED false
#endif
#define SLOT_MAY_END (sweepTask && !sweepRipe && !sweeping && !IS_HURRIED)
#define LOSE(t) :: atomic { (t) < TASKS && queued[t] && MAY_FAIL -> printf("a task of step %d is lost\n", STEP_OF(t)); queued[t]--; alive-- }

proctype Time() {
  byte e;
end_passing:
  do
  :: atomic { AGES(0) -> printf("the lease on entity 0 is old\n"); lock[0].old = 1 }
  :: atomic { lock[0].early -> printf("the pause of entity 0 is over\n"); lock[0].early = 0 }
#ifdef FAMILY
  :: atomic { lock[0].arrivals > 0 && lock[0].lease == 0 && !lock[0].late -> printf("the deadline of entity 0 has passed\n"); lock[0].late = 1 }
#endif
#if ENTITIES > 1
  :: atomic { AGES(1) -> printf("the lease on entity 1 is old\n"); lock[1].old = 1 }
#endif
#if ENTITIES > 2
  :: atomic { AGES(2) -> printf("the lease on entity 2 is old\n"); lock[2].old = 1 }
#endif
  :: atomic { SLOT_MAY_END -> printf("a slot ends\n"); slot_ends() }
#ifndef MUTANT_NO_RECOVERY
  :: atomic { sweepLost && !sweepTask && !sweepRipe && !sweeping && ANY_DUE -> printf("recover() runs\n"); sweepRipe = 1 }
#endif
#ifdef LOSSES
  EACH_TASK(LOSE)
  :: atomic { sweepTask && MAY_FAIL -> printf("the sweep's task is lost\n"); sweepTask = 0; sweepLost = 1 }
#endif
#ifdef DUPLICATES
  :: atomic { flight[0] && MAY_FAIL -> printf("a task in flight is delivered a second time\n"); queued[flight[0] - 1]++; alive++ }
  :: atomic { flight[1] && MAY_FAIL -> printf("a task in flight is delivered a second time\n"); queued[flight[1] - 1]++; alive++ }
#endif
  :: timeout -> printf("nothing moves any more\n"); assert(ended_in_the_end && AT_REST && alive == 0); break
  od
}
