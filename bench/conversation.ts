// What a benchmark and a program of its own say to each other. Types only beside what Node runs as it is: the programs in
// peers/ import this file from its source.

interface Question {
  readonly id: number;
  readonly ask: string;
  readonly value: unknown;
}

/** Answers the questions of the process that started this one, and tells that it is ready. */
export function answer(
  answers: Readonly<Record<string, (value: never) => unknown>>,
  ready: object = {},
): void {
  process.on('message', ({ id, ask, value }: Question) => {
    void reply(id, () => {
      const known = answers[ask];
      if (!known) throw new Error(`Nobody answers "${ask}" here.`);
      return known(value as never);
    });
  });
  process.once('disconnect', () => process.exit(1));
  process.once('SIGTERM', () => process.exit());
  process.send?.({ ready });
}

async function reply(id: number, work: () => unknown): Promise<void> {
  try {
    process.send?.({ id, value: await work() });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
  }
}
