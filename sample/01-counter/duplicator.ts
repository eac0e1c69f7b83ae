import { CloudTasksClient } from '@google-cloud/tasks';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { lockerConfig, parseTaskRequest, type Headers } from 'nestjs-datastore-locker';
import { counterConfig } from './counter.config.js';

/** Makes trouble: throws tasks into the queue that are just like the one the library creates for the next step. */
@Injectable()
export class Duplicator {
  private readonly logger = new Logger(Duplicator.name);

  constructor(
    private readonly tasks: CloudTasksClient,
    @Inject(lockerConfig.KEY) private readonly locker: ConfigType<typeof lockerConfig>,
    @Inject(counterConfig.KEY) private readonly config: ConfigType<typeof counterConfig>,
  ) {}

  /** Two duplicates of the task after the one that came with `headers`: one at once, one when the chain is long over. */
  async throwIn(headers: Headers): Promise<void> {
    const { projectId, queue, taskName, run, step } = parseTaskRequest(headers);
    const parent = this.tasks.queuePath(projectId, this.locker.location, queue);
    const [own] = await this.tasks.getTask({ name: `${parent}/tasks/${taskName}` });
    const forged = {
      'Content-Type': 'application/json',
      'X-Lock-Key': String(headers['x-lock-key']),
      'X-Lock-Run': run,
      'X-Lock-Seq': String(step + 1),
    };
    // Whichever target the library's tasks have: the same one, with the headers of the next step.
    const request = { headers: forged, body: Buffer.from('{}') };
    const target = own.appEngineHttpRequest
      ? { appEngineHttpRequest: { ...own.appEngineHttpRequest, ...request } }
      : { httpRequest: { ...own.httpRequest, ...request } };

    const late = Date.now() + this.config.lateMs;
    const scheduleTime = { seconds: Math.floor(late / 1_000), nanos: (late % 1_000) * 1_000_000 };
    const name = (when: string) => `${parent}/tasks/duplicate-${when}-${run}`;
    const fields = { run, step, duplicates: 2, lateMs: this.config.lateMs };
    this.logger.log(`Throwing two duplicates of task ${step + 1} into the queue`, fields);
    await this.tasks.createTask({ parent, task: { ...target, name: name('now') } });
    await this.tasks.createTask({ parent, task: { ...target, name: name('late'), scheduleTime } });
  }
}
