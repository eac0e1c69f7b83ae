import { hash } from 'node:crypto';

/** Something that remembers all that it was ever told. */
export interface Rememberer {
  /** The same in every run in which it came about like this. */
  readonly name: string;
  /** A digest of it. */
  past: string;
}

/**
 * Tells events apart by how they came about: by the event that set them, and by what was seen and decided in it before.
 * What happens in an event follows from these alone, as long as everything that is looked at is told here.
 */
export class Provenance {
  private present = '';
  private set = 0;
  private readonly given = new Map<string, number>();
  private readonly witnesses = new Set<Rememberer>();

  /** An event happens. */
  begin(id: string): void {
    this.present = id;
    this.set = 0;
  }

  /** Something is seen, or decided, in the present event. */
  observe(what: string): void {
    this.present = digest(this.present, what);
  }

  /** Somebody with a memory takes part in the present event. */
  involve(witness: Rememberer): void {
    if (this.witnesses.has(witness)) return;
    this.witnesses.add(witness);
    this.observe(witness.past);
  }

  /** Of an event that is set now. What came about just like something else is told from it all the same. */
  next(): string {
    const next = digest(this.present, String(this.set++));
    const before = this.given.get(next) ?? 0;
    this.given.set(next, before + 1);
    return before === 0 ? next : digest(next, String(before));
  }

  /** The present event is over. */
  end(): void {
    for (const witness of this.witnesses) witness.past = digest(witness.past, this.present);
    this.witnesses.clear();
  }
}

/** The same for the same texts; for others another one, but for one chance in 2^64. */
export function digest(...texts: readonly string[]): string {
  return hash('md5', texts.join('\n'), 'base64').slice(0, 11);
}
