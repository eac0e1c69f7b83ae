/** A place where a handler waits until a test lets it go on. */
export class Gate {
  /** Resolves when somebody waits at the gate. */
  readonly reached: Promise<void>;
  private readonly opened: Promise<void>;
  private arrive = () => {};
  private release = () => {};

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.opened = new Promise((resolve) => (this.release = resolve));
  }

  /** Waits here. */
  pass(): Promise<void> {
    this.arrive();
    return this.opened;
  }

  open(): void {
    this.release();
  }
}
