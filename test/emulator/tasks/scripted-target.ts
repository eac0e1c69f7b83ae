import { DatabaseSync } from 'node:sqlite';
import {
  type OutgoingRequest,
  type OutgoingResponse,
  Protos,
  TasksEngine,
  type TasksEngineOptions,
  VirtualClock,
} from 'nestjs-datastore-locker/emulator';

export const LOCATION = 'projects/p/locations/l';
export const QUEUE = `${LOCATION}/queues/q`;

/** What a target does with one request. */
export type Answer = number | OutgoingResponse | 'never' | 'refuse' | Promise<OutgoingResponse>;

export interface Received extends OutgoingRequest {
  /** Milliseconds since the start of the test. */
  readonly at: number;
}

/** An engine on a virtual clock, whose targets answer by script: one answer after another, the last one for ever. */
export class ScriptedTarget {
  readonly clock = new VirtualClock();
  readonly startedAt = this.clock.now();
  readonly received: Received[] = [];
  readonly engine: TasksEngine;
  script: Answer[] = [200];

  constructor(options: Partial<TasksEngineOptions> = {}) {
    this.engine = new TasksEngine({
      database: new DatabaseSync(':memory:'),
      protos,
      clock: this.clock,
      autoCreateQueues: true,
      send: (request) => this.answer(request),
      ...options,
    });
  }

  /** Creates a task, an HTTP task unless it is for App Engine, and answers with its name. */
  async create(task: object = {}, queue = QUEUE): Promise<string> {
    const created = await this.engine.createTask({
      parent: queue,
      task: { ...('appEngineHttpRequest' in task ? {} : http), ...task },
    });
    return created.name ?? '';
  }

  /** Jumps from timer to timer until so many requests have come in. */
  async receive(count: number): Promise<void> {
    while (this.received.length < count) {
      if (await this.clock.advanceToNext()) continue;
      throw new Error(`Only ${this.received.length} requests came, not ${count}.`);
    }
  }

  /** When requests came in, in milliseconds since the start. */
  get times(): number[] {
    return this.received.map(({ at }) => at);
  }

  private async answer(request: OutgoingRequest): Promise<OutgoingResponse> {
    this.received.push({ ...request, at: this.clock.now() - this.startedAt });
    const answer = this.script.length > 1 ? this.script.shift() : this.script[0];
    if (answer === 'never') return new Promise(() => undefined);
    if (answer === 'refuse' || answer === undefined) throw new Error('connection refused');
    return typeof answer === 'number' ? { status: answer } : answer;
  }
}

const protos = Protos.tasks();
const http = { httpRequest: { url: 'http://target/' } };
