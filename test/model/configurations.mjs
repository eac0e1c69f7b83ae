/** What all configurations have in common: every kind of fault. */
const faulty = { LOSSES: true, DUPLICATES: true };

/**
 * What is searched exhaustively. `bounds` are the -D of words.pml; `liveness` searches for a fair way to go on for
 * ever instead of for a violated assert.
 */
export const configurations = [
  { name: 'chain', bounds: { ...faulty, FAULTS: 3 } },
  { name: 'three steps', bounds: { ...faulty, STEPS: 3, FAULTS: 2 } },
  { name: 'crashes and stalls', bounds: { FAULTS: 4, MAX_RETRIES: 2, NUMBERS: 4 } },
  { name: 'errors', bounds: { ...faulty, FAULTS: 2, ERRORS: 1, REFUSALS: 1, NUMBERS: 4 } },
  {
    name: 'errors only',
    bounds: { FAULTS: 0, ERRORS: 3, POSTPONES: 2, SHUTDOWNS: 1, REFUSALS: 1, NUMBERS: 6 },
  },
  { name: 'postpone, hand back', bounds: { FAULTS: 2, POSTPONES: 1, SHUTDOWNS: 1, NUMBERS: 4 } },
  {
    name: 'start again',
    bounds: { ...faulty, FAULTS: 2, RUNS: 2, CALLS: 2, REPLACES: true, NUMBERS: 2 },
  },
  {
    name: 'two callers',
    bounds: { FAULTS: 2, RUNS: 2, CALLERS: 2, REPLACES: true, CANCELS: true, STEPS: 1, NUMBERS: 2 },
  },
  {
    name: 'two callers, two calls',
    bounds: {
      FAULTS: 1,
      RUNS: 2,
      CALLERS: 2,
      CALLS: 2,
      REPLACES: true,
      CANCELS: true,
      STEPS: 1,
      NUMBERS: 1,
    },
  },
  {
    name: 'retry()',
    bounds: { ...faulty, FAULTS: 2, REFUSALS: 2, RETRIES: true, CALLS: 2, STEPS: 1 },
  },
  {
    name: 'by hand',
    bounds: { FAULTS: 1, BY_HAND: true, CALLS: 3, POSTPONES: 1, STEPS: 1, NUMBERS: 5 },
  },
  { name: 'cancel', bounds: { ...faulty, FAULTS: 2, CANCELS: true, CALLS: 2 } },
  {
    name: 'waiting parent',
    bounds: { ...faulty, FAULTS: 1, FAMILY: true, ENTITIES: 3, CALLERS: 0, NUMBERS: 2 },
  },
  {
    name: 'waiting parent, one child',
    bounds: { ...faulty, FAULTS: 2, FAMILY: true, ENTITIES: 2, CALLERS: 0 },
  },
  {
    name: 'parent fails, retry()',
    bounds: { FAULTS: 1, FAMILY: true, ENTITIES: 2, CALLERS: 1, REFUSALS: 1, RETRIES: true },
  },
  {
    name: 'parent by hand',
    bounds: { FAULTS: 1, FAMILY: true, ENTITIES: 2, CALLERS: 1, BY_HAND: true, NUMBERS: 3 },
  },
  {
    name: 'parent replaced',
    bounds: { FAULTS: 1, FAMILY: true, ENTITIES: 2, RUNS: 2, REPLACES: true, NUMBERS: 2 },
  },
  { name: 'transact', bounds: { ...faulty, FAULTS: 2, TRANSACT: true, ENTITIES: 2, NUMBERS: 2 } },
  { name: 'chain', liveness: true, bounds: { ...faulty, FAULTS: 2 } },
  {
    name: 'errors',
    liveness: true,
    bounds: { FAULTS: 1, ERRORS: 1, POSTPONES: 1, NUMBERS: 4 },
  },
  {
    name: 'retry()',
    liveness: true,
    bounds: { FAULTS: 1, REFUSALS: 2, RETRIES: true, CALLS: 2, STEPS: 1 },
  },
  {
    name: 'by hand',
    liveness: true,
    bounds: { FAULTS: 1, BY_HAND: true, CALLS: 2, POSTPONES: 1, STEPS: 1, NUMBERS: 4 },
  },
  {
    name: 'waiting parent',
    liveness: true,
    bounds: { ...faulty, FAULTS: 1, FAMILY: true, ENTITIES: 2, CALLERS: 0 },
  },
];
