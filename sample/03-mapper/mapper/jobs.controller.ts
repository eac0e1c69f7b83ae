import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { LockerService, RunStateError, type EntityKey } from 'nestjs-datastore-locker';
import { MapJob, MapNamespace } from './entities.js';

/** What a job is asked to do. */
export interface JobWish {
  readonly namespaces: string[];
  readonly shardsEach: number;
}

/** For whoever wants jobs done. */
@Controller('jobs')
export class JobsController {
  constructor(private readonly locker: LockerService) {}

  @Post(':id')
  start(@Param('id') id: string, @Body() { namespaces, shardsEach }: JobWish) {
    const job = Object.assign(new MapJob(), { namespaces, shardsEach });
    return this.locker.schedule(this.locker.key(MapJob, id), job, 'map.job', { startId: id });
  }

  /** Slices under way end with their next batch, those in the queue when they are delivered; who waits is cancelled. */
  @Post(':id/abort')
  @HttpCode(200)
  async abort(@Param('id') id: string): Promise<void> {
    const key = this.locker.key(MapJob, id);
    const { namespaces } = await this.locker.update(key, (job) => {
      job.isAborted = true;
    });
    await this.cancel(key);
    for (const namespace of namespaces)
      await this.cancel(this.locker.key(MapNamespace, `${id}/${namespace}`));
  }

  private async cancel(key: EntityKey): Promise<void> {
    if (!(await this.locker.get(key))) return;
    await this.locker.cancel(key).catch((error: unknown) => {
      // It was over already.
      if (!(error instanceof RunStateError)) throw error;
    });
  }
}
