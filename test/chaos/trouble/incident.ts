/** One piece of trouble that was made from outside. Times are milliseconds since the epoch. */
export interface Incident {
  readonly what: 'worker killed' | 'emulator killed' | 'worker stopped';
  readonly pid: number;
  readonly at: number;
  /** When a successor served, or the stopped process went on. */
  readonly until: number;
}
