/** What the sample understands of what is logged: the structured fields of a line, told apart. */
export type Event =
  /** The handler was reached. */
  | { readonly type: 'working'; readonly run: string; readonly step: number }
  /** A delivery ran its step to some end. */
  | (Delivery & { readonly type: 'ran'; readonly attempt: number; readonly ms: number })
  /** A delivery was not let near the handler. */
  | (Delivery & { readonly type: 'turned-away' })
  /** A step has thrown duplicates of the next step's task into the queue. */
  | {
      readonly type: 'thrown-in';
      readonly run: string;
      readonly step: number;
      readonly duplicates: number;
      readonly lateMs: number;
    };

interface Delivery {
  readonly run: string;
  readonly step: number;
  /** The name of the task that was delivered. */
  readonly task: string;
  readonly outcome: string;
  readonly reason: string | undefined;
}

/** The event that a log line's fields tell of; undefined: some other line. */
export function eventFrom(fields: unknown): Event | undefined {
  const { run, step, task, attempt, ms, outcome, reason, working, duplicates, lateMs } =
    record(fields);
  if (typeof run !== 'string' || typeof step !== 'number') return undefined;
  if (working === true) return { type: 'working', run, step };
  if (typeof duplicates === 'number' && typeof lateMs === 'number')
    return { type: 'thrown-in', run, step, duplicates, lateMs };
  if (typeof outcome !== 'string' || typeof task !== 'string') return undefined;
  const delivery = { run, step, task, outcome, reason: text(reason) };
  if (typeof attempt === 'number' && typeof ms === 'number')
    return { type: 'ran', ...delivery, attempt, ms };
  return attempt === undefined ? { type: 'turned-away', ...delivery } : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
