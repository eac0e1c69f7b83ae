import { Body, Controller, Injectable } from '@nestjs/common';
import { Lease, Lockable, LockedTask, Property, Unindexed } from 'nestjs-datastore-locker';
import type { Key } from '@google-cloud/datastore';

/** An entity for tests. */
export class Job extends Lockable {
  static readonly kind = 'Job';
  count = 0;
  trail: string[] = [];
  @Unindexed() note?: string;
  @Property('stored_as') renamed?: string;
}

/** One call of a handler. */
export interface Call {
  readonly key: string;
  readonly task: string;
  readonly step: number;
  readonly attempt: number;
  readonly at: number;
}

/** What a handler does in a test. */
export type Part = (job: Job, lease: Lease, body: unknown) => unknown;

/** What the handlers do: a test gives the entity's part, and sees every call. */
@Injectable()
export class Script {
  readonly calls: Call[] = [];
  private readonly parts = new Map<string, Part>();
  now: () => number = Date.now;

  /** Whenever a step of the entity runs, `part` is what runs. */
  set(key: Key, part: Part): void {
    this.parts.set(nameOf(key), part);
  }

  of(key: Key): Call[] {
    return this.calls.filter((call) => call.key === nameOf(key));
  }

  /** `task step/attempt` of every call for the entity. */
  summary(key: Key): string[] {
    return this.of(key).map(({ task, step, attempt }) => `${task} ${step}/${attempt}`);
  }

  play(job: Job, lease: Lease, body: unknown): unknown {
    const { key, task, step, attempt } = lease;
    this.calls.push({ key: nameOf(key), task, step, attempt, at: this.now() });
    return this.parts.get(nameOf(key))?.(job, lease, body);
  }
}

function nameOf(key: Key): string {
  return `${key.namespace ?? ''}:${key.path.join('/')}`;
}

/** Three tasks of one entity, the third of which is not to be repeated after a loss. */
@Controller('tasks')
export class JobTasks {
  constructor(private readonly script: Script) {}

  @LockedTask('one', Job)
  one(job: Job, lease: Lease, @Body() body: object) {
    return this.script.play(job, lease, body);
  }

  @LockedTask('two', Job)
  two(job: Job, lease: Lease, @Body() body: object) {
    return this.script.play(job, lease, body);
  }

  @LockedTask('fragile', Job, { onLost: 'fail' })
  fragile(job: Job, lease: Lease, @Body() body: object) {
    return this.script.play(job, lease, body);
  }

  @LockedTask('brief', Job, { maxRetries: 2, backoff: { min: '1s', max: '4s' } })
  brief(job: Job, lease: Lease, @Body() body: object) {
    return this.script.play(job, lease, body);
  }
}
