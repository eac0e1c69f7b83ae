const small = { LOSSES: true, DUPLICATES: true, FAULTS: 2 };
const errors = { FAULTS: 1, DUPLICATES: true, ERRORS: 2 };
const family = { FAULTS: 1, FAMILY: true, ENTITIES: 2, CALLERS: 0, NUMBERS: 2 };
const family2 = { ...family, ENTITIES: 3 };
const transact = { FAULTS: 1, TRANSACT: true, ENTITIES: 2, NUMBERS: 2 };
const byHand = { FAULTS: 1, BY_HAND: true, CALLS: 2, STEPS: 1 };
const callers = {
  FAULTS: 1,
  RUNS: 2,
  CALLERS: 2,
  REPLACES: true,
  CANCELS: true,
  STEPS: 1,
  NUMBERS: 2,
};

/** One rule changed each: what a change of mind, or of the code, would break, and the bounds within which it shows. */
export const mutants = [
  {
    name: 'run not compared',
    change: 'the acquire table has no row for another run',
    bounds: {
      ...callers,
      CALLERS: 1,
      CALLS: 2,
    },
  },
  {
    name: 'ended row after step',
    change: 'the ended row stands after the comparison of steps, and -1 < 1',
    bounds: small,
  },
  {
    name: 'takeover not rechecked',
    change: 'a takeover commits though somebody wrote since its Lookup',
    bounds: small,
  },
  { name: 'takeover not counted', change: 'lock_try stays', bounds: { ...small, FAULTS: 3 } },
  {
    name: 'starts without renewal',
    change: 'after a slow acquire the handler starts at once',
    bounds: small,
  },
  { name: 'settle unfenced', change: 'a settle writes whoever holds the lease', bounds: small },
  {
    name: 'doubt forgotten',
    change: 'after a commit of unknown outcome a foreign lock is called a lost lease',
    bounds: small,
  },
  {
    name: 'release without settle id',
    change: 'a release does not store its lease id',
    bounds: {
      ...errors,
      ERRORS: 1,
    },
  },
  { name: 'release without due', change: 'a release does not set lock_due', bounds: errors },
  { name: 'release without number', change: 'a release keeps the dispatch number', bounds: errors },
  {
    name: 'postpone not gated',
    change: 'the table has no superseded row',
    bounds: { ...small, POSTPONES: 1 },
  },
  {
    name: 'hand back while running',
    change: 'a shutdown hands back before the handler has ended',
    bounds: {
      FAULTS: 1,
      DUPLICATES: true,
      SHUTDOWNS: 1,
    },
  },
  {
    name: 'return after abort completes',
    change: 'a plain return completes even if the signal has fired',
    bounds: errors,
  },
  {
    name: 'fail without due',
    change: 'a failed run is not due',
    bounds: { ...small, REFUSALS: 1 },
  },
  {
    name: 'alert cleared before sent',
    change: 'lock_due is cleared, then the alert is sent',
    bounds: {
      ...small,
      REFUSALS: 1,
    },
  },
  {
    name: 'another failure cleared',
    change: 'lock_due is cleared for any failure of the run, not the one that was told',
    bounds: { FAULTS: 1, REFUSALS: 2, RETRIES: true, CALLS: 2, STEPS: 1 },
  },
  {
    name: 'start decided again',
    change: 'a start of unknown outcome is decided on any lock',
    bounds: {
      ...callers,
      FAULTS: 2,
    },
  },
  {
    name: 'cancel decided again',
    change: 'a cancel of unknown outcome is decided on any run',
    bounds: {
      ...callers,
      CALLS: 2,
    },
  },
  {
    name: 'retry decided again',
    change: 'a retry() of unknown outcome is decided on any failure of the run',
    bounds: { FAULTS: 1, REFUSALS: 2, RETRIES: true, CALLS: 2, STEPS: 1 },
  },
  {
    name: 'operation decided again',
    change:
      'what is meant for a step is, its outcome unknown, decided on whatever step the run has come to',
    bounds: { ...byHand, FAULTS: 2, STEPS: 2 },
  },
  {
    name: 'run now leaves the wait',
    change: 'a waiting parent that is run now goes on waiting',
    bounds: { ...family, CALLERS: 1, BY_HAND: true },
  },
  {
    name: 'release by hand not counted',
    change: 'a lease that is released by hand is no lost attempt',
    bounds: { ...byHand, CALLS: 3, NUMBERS: 4 },
  },
  {
    name: 'release by hand looks like a settle',
    change: "a release by hand stores the holder's lease id, as a settle does",
    bounds: byHand,
  },
  {
    name: 'sweep keeps number',
    change: 'the sweep dispatches the present number again',
    bounds: small,
    liveness: true,
  },
  {
    name: 'sweep not rearmed',
    change: 'a sweep that sees what is due does not arm the next',
    bounds: small,
  },
  {
    name: 'sweep does not wait',
    change: 'the sweep of a slot runs while transactions begun in the slot can commit',
    bounds: small,
  },
  {
    name: 'sweep remembered for ever',
    change: 'a process makes sure of the sweep once, not once a slot',
    bounds: small,
  },
  {
    name: 'no recovery',
    change: 'a lost sweep is lost, and nobody calls recover()',
    bounds: small,
  },
  {
    name: 'sweep moves deadline',
    change:
      'the sweep pushes lock_due of a step that goes on waiting, and the table reads that as its deadline',
    bounds: family,
  },
  {
    name: 'partner without due',
    change: 'a run started in a transact is not due',
    bounds: transact,
  },
  {
    name: 'arrival counted twice',
    change: 'the second arrival counts for two',
    bounds: { ...family2, FAULTS: 0 },
  },
  {
    name: 'early arrival forgotten',
    change: 'an arrival before the wait is dropped',
    bounds: family,
  },
  {
    name: 'arrival at failed forgotten',
    change:
      'an arrival at a parent that failed before its wait is dropped, and retry() will wait for it',
    bounds: { ...family, FAULTS: 0, CALLERS: 1, REFUSALS: 1, RETRIES: true },
  },
  {
    name: 'arrival names no run',
    change: 'an arrival counts for whatever run and step the parent has come to',
    bounds: family,
  },
];
