import { CloudTasksClient } from '@google-cloud/tasks';
import { Inject, Injectable } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { lockerConfig, parseTaskRequest, type Headers } from 'nestjs-datastore-locker';

/** Makes trouble: has the queue deliver a task once more, while the first delivery is still at work. */
@Injectable()
export class Duplicator {
  constructor(
    private readonly tasks: CloudTasksClient,
    @Inject(lockerConfig.KEY) private readonly locker: ConfigType<typeof lockerConfig>,
  ) {}

  /** @param headers those that the task came with */
  async deliverAgain(headers: Headers): Promise<void> {
    const { projectId, queue, taskName, run, step } = parseTaskRequest(headers);
    const parent = this.tasks.queuePath(projectId, this.locker.location, queue);
    const [own] = await this.tasks.getTask({ name: `${parent}/tasks/${taskName}` });
    const same = {
      'Content-Type': 'application/json',
      'X-Lock-Key': String(headers['x-lock-key']),
      'X-Lock-Run': run,
      'X-Lock-Seq': String(step),
    };
    const request = { headers: same, body: Buffer.from('{}') };
    const task = own.appEngineHttpRequest
      ? { appEngineHttpRequest: { ...own.appEngineHttpRequest, ...request } }
      : { httpRequest: { ...own.httpRequest, ...request } };
    await this.tasks.createTask({ parent, task });
  }
}
