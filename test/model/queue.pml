/*
 * Cloud Tasks. A task is (entity, run, step, number), created with a name or without; delivered in any order, again
 * until it is answered by 200, and once more where a fault says so. A name cannot be used twice, not even after its
 * task has gone.
 */
#define SLOTS_OF_STEP (NUMBERS + 2)     /* 0: without a name (its number is 0); 1 + n: the name of number n */
#define TASKS (ENTITIES * RUNS * STEPS * SLOTS_OF_STEP)
#define TASK(e, run, step, slot) \
  (((((e) * RUNS + (run) - 1) * STEPS + (step) - 1) * SLOTS_OF_STEP) + (slot))
#define ENTITY_OF(t) ((t) / (SLOTS_OF_STEP * STEPS * RUNS))
#define RUN_OF(t) (((t) / (SLOTS_OF_STEP * STEPS)) % RUNS + 1)
#define STEP_OF(t) (((t) / SLOTS_OF_STEP) % STEPS + 1)
#define SLOT_OF(t) ((t) % SLOTS_OF_STEP)
#define NUMBER_OF(t) ((SLOT_OF(t) -> SLOT_OF(t) - 1 : 0))
#define NAME(e, run, step, number) TASK(e, run, step, (number) + 1)

byte queued[TASKS];     /* copies that wait for their delivery */
bit named[TASKS];       /* names used */
byte flight[WORKERS];   /* 1 + the task that a worker answers for; 0: none */
byte alive;             /* tasks queued and in flight */

/* A task is delivered at its time, which for tasks of the present step is the one in the lock. */
#define ITS_TIME(t) !(lock[ENTITY_OF(t)].early && lock[ENTITY_OF(t)].runId == RUN_OF(t) \
  && lock[ENTITY_OF(t)].step == STEP_OF(t) && NUMBER_OF(t) >= lock[ENTITY_OF(t)].first)
#define DELIVERABLE(t) (queued[t] && ITS_TIME(t))

/* GetTask, by name: a task being delivered is there still. */
#define EXISTS(t) (queued[t] || flight[0] == (t) + 1 || flight[1] == (t) + 1)

byte dispatching;       /* who is about to create a task */

/* Whether any task of an entity's present step is on its way that is not superseded. */
#define IS_VALID(slot) ((slot) <= NUMBERS + 1 && ((slot) -> (slot) - 1 : 0) >= L.first \
  && EXISTS(TASK(e, L.runId, L.step, slot)))
#define ON_ITS_WAY \
  (IS_VALID(0) || IS_VALID(1) || IS_VALID(2) || IS_VALID(3) || IS_VALID(4) || IS_VALID(5) || IS_VALID(6))

/* `one` for each task there can be. */
#if TASKS <= 8
#define EACH_TASK(one) EACH_8(one, 0)
#elif TASKS <= 16
#define EACH_TASK(one) EACH_8(one, 0) EACH_8(one, 8)
#elif TASKS <= 24
#define EACH_TASK(one) EACH_8(one, 0) EACH_8(one, 8) EACH_8(one, 16)
#elif TASKS <= 48
#define EACH_TASK(one) EACH_8(one, 0) EACH_8(one, 8) EACH_8(one, 16) EACH_8(one, 24) EACH_8(one, 32) EACH_8(one, 40)
#else
#error "More tasks than EACH_TASK knows of."
#endif
#define EACH_8(one, t) one(t) one(t + 1) one(t + 2) one(t + 3) one(t + 4) one(t + 5) one(t + 6) one(t + 7)

/* CreateTask: lib/tasks/dispatcher.ts */
inline create(t, byName) {
  if
  :: byName && named[t]                /* ALREADY_EXISTS is success */
  :: else ->
    named[t] = byName;
    queued[t]++;
    alive++;
    tasks_bounded()
  fi
}

/* The task on the way to its worker. */
inline deliver(w, t) {
  queued[t]--;
  flight[w] = t + 1
}

/* 200: the task is over. Another answer, or none: it is delivered again. */
inline answer_200(w) {
  if
  :: flight[w] -> flight[w] = 0; alive--
  :: else
  fi
}
inline answer_again(w) {
  if
  :: flight[w] -> queued[flight[w] - 1]++; flight[w] = 0
  :: else
  fi
}
