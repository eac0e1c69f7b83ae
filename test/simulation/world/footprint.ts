/** What an event touched, by name, and whether it changed it. */
export type Footprint = ReadonlyMap<string, Touch>;

export type Touch = 'reads' | 'writes';

/** Whether it makes a difference which of two events comes first. */
export function conflict(a: Footprint, b: Footprint): boolean {
  for (const [thing, touch] of a) {
    const other = b.get(thing);
    if (other && (touch === 'writes' || other === 'writes')) return true;
  }
  return false;
}

/** What two events touched. */
export function both(a: Footprint, b: Footprint): Footprint {
  const all = new Map(a);
  for (const [thing, touch] of b) if (touch === 'writes' || !all.has(thing)) all.set(thing, touch);
  return all;
}
