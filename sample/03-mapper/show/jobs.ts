import { setTimeout as sleep } from 'node:timers/promises';
import type { LockerService } from 'nestjs-datastore-locker';
import { MapJob } from '../mapper/entities.js';
import type { Archive, StoredShard } from './archive.js';
import type { Plan } from './plan.js';
import { namespaces } from './store-readings.js';
import type { Evidence } from './verdict.js';

/** Has jobs done and watches them, as somebody outside of the application would. */
export class Jobs {
  constructor(
    private readonly url: string,
    private readonly plan: Plan,
    private readonly locker: LockerService,
    private readonly archive: Archive,
  ) {}

  async start(id: string): Promise<void> {
    await this.post(`/jobs/${id}`, { namespaces, shardsEach: this.plan.shardsEach });
  }

  async abort(id: string): Promise<void> {
    await this.post(`/jobs/${id}/abort`, {});
  }

  /** Resolves when something is so, or time is up; calls `at` with how many readings have been counted. */
  async watch(
    id: string,
    isSo: (evidence: Evidence) => boolean,
    at: (readings: number) => void,
  ): Promise<Evidence> {
    const end = Date.now() + this.plan.limitMs;
    for (;;) {
      const evidence = await this.evidence(id);
      at(readingsOf(evidence.shards));
      if (isSo(evidence) || Date.now() > end) return evidence;
      await sleep(20);
    }
  }

  private async evidence(id: string): Promise<Evidence> {
    const job = await this.locker.get(this.locker.key(MapJob, id));
    if (!job) throw new Error(`There is no job ${id}.`);
    const shards = await this.archive.shards(id);
    return { state: job.lock.state, counters: job.counters, shards };
  }

  private async post(path: string, body: object): Promise<void> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}.`);
    await response.text();
  }
}

/** How many readings some shards have counted. */
export function readingsOf(shards: readonly StoredShard[]): number {
  return shards.reduce((sum, { readings }) => sum + readings, 0);
}
