/** What happened, in order, for people to read. Told only when somebody listens: it costs more than what it tells of. */
export class Story {
  readonly lines: string[] = [];
  private readonly begun: number;

  constructor(
    readonly isTold: boolean,
    private readonly now: () => number,
  ) {
    this.begun = now();
  }

  /** @param text made only if somebody listens */
  tell(who: string, text: () => string): void {
    if (!this.isTold) return;
    const passed = ((this.now() - this.begun) / 1_000).toFixed(3);
    this.lines.push(`${passed.padStart(10)} s  ${who.padEnd(9)} ${text()}`);
  }
}
