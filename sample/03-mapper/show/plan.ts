/** How much there is to do. */
export interface Plan {
  readonly readings: number;
  readonly shardsEach: number;
  /** How long a job may take, milliseconds. */
  readonly limitMs: number;
}

/** From READINGS and SHARDS; a hundred thousand in four namespaces of eight shards by default. */
export function planFrom(environment: NodeJS.ProcessEnv): Plan {
  return {
    readings: Number(environment['READINGS'] ?? 100_000),
    shardsEach: Number(environment['SHARDS'] ?? 8),
    limitMs: 600_000,
  };
}
