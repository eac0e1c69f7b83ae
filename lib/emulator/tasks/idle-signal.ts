/** Counts what is under way, and tells when nothing is. */
export class IdleSignal {
  private underWay = 0;
  private waiting: (() => void)[] = [];

  started(): void {
    this.underWay += 1;
  }

  ended(): void {
    this.underWay -= 1;
    if (this.underWay > 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  whenIdle(): Promise<void> {
    if (this.underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
