// What every contender runs: chains of steps, a given number of them under way at a time. Nothing here but what Node runs as
// it is: the programs in peers/ import this file from its source.

export interface Assignment {
  /** Part of the names of its chains. */
  readonly round: number;
  readonly chains: number;
  readonly steps: number;
  /** Chains under way at a time; as soon as one ends another begins. */
  readonly inFlight: number;
}

export interface Performance {
  /** From the first start until the last step has run, milliseconds. */
  readonly ms: number;
  /** From where a handler had done its work to the beginning of the next step's handler, commit included; milliseconds, sorted. */
  readonly handOverMs: readonly number[];
}

interface Chain {
  done: number;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
  doneAt: number;
}

/** Runs assignments, and sees to it that each step runs once and in order. */
export class Course {
  private chains = new Map<string, Chain>();
  private steps = 0;
  private handOverMs: number[] = [];

  /** Resolves when all chains have ended. `start` begins one, durably. */
  async run(
    { round, chains, steps, inFlight }: Assignment,
    start: (chain: string, n: number) => Promise<unknown>,
  ): Promise<Performance> {
    this.chains = new Map();
    this.steps = steps;
    this.handOverMs = [];
    let next = 0;
    const runner = async () => {
      while (next < chains) {
        const n = next++;
        const name = `${round}-${n}`;
        const ended = this.expect(name);
        await start(name, n);
        await ended;
      }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: inFlight }, runner));
    const ms = performance.now() - began;
    return { ms, handOverMs: this.handOverMs.toSorted((a, b) => a - b) };
  }

  /** How many steps its chains have. */
  get length(): number {
    return this.steps;
  }

  /** A handler begins. */
  begin(name: string, step: number): void {
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`Nobody started ${name}.`);
    if (step !== chain.done + 1) {
      const error = new Error(`Step ${step} of ${name} ran after step ${chain.done}.`);
      chain.fail(error);
      throw error;
    }
    if (step > 1) this.handOverMs.push(performance.now() - chain.doneAt);
  }

  /** A handler has done its work. Returns whether another step follows. */
  end(name: string, step: number): boolean {
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`Nobody started ${name}.`);
    chain.done = step;
    chain.doneAt = performance.now();
    if (step === this.steps) chain.finish();
    return step < this.steps;
  }

  private expect(name: string): Promise<void> {
    return new Promise((finish, fail) => {
      this.chains.set(name, { done: 0, doneAt: 0, finish, fail });
    });
  }
}
