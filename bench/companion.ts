import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Reply {
  readonly ready?: unknown;
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface CompanionOptions {
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program of a benchmark in a process of its own, which answers questions: see `answer`. */
export class Companion {
  /** What the program told when it was ready. */
  private told: unknown;
  private readonly waiting = new Map<number, Waiting>();
  private readonly exited: Promise<unknown>;
  private questions = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
  ) {
    child.on('message', (reply: Reply) => this.hear(reply));
    this.exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
      const error = new Error(`${file} ended (${String(code ?? signal)}).`);
      for (const { reject } of this.waiting.values()) reject(error);
    });
  }

  /** Resolves when the program is ready; rejects when it ends before. */
  static async start(
    url: URL,
    { args = [], nodeArgs = [], environment = {} }: CompanionOptions = {},
  ): Promise<Companion> {
    const file = fileURLToPath(url);
    const child = spawn(process.execPath, [...nodeArgs, file, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...environment },
    });
    const companion = new Companion(child, file);
    companion.told = await companion.replyTo(0);
    return companion;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What the program told when it was ready. */
  get ready(): unknown {
    return this.told;
  }

  /** Asks, and waits for the answer. */
  async ask<T>(ask: string, value?: unknown): Promise<T> {
    if (!this.child.connected) throw new Error(`${this.file} has ended.`);
    const id = ++this.questions;
    this.child.send({ id, ask, value });
    return (await this.replyTo(id)) as T;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  async end(): Promise<void> {
    this.waiting.clear();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.exited;
  }

  private replyTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private hear({ ready, id = 0, value, error }: Reply): void {
    const question = this.waiting.get(id);
    this.waiting.delete(id);
    if (error !== undefined) question?.reject(new Error(`${this.file}: ${error}`));
    else question?.resolve(ready ?? value);
  }
}
