import { Injectable } from '@nestjs/common';
import { LockerService } from 'nestjs-datastore-locker';
import { MapJob } from './entities.js';

/** What every task of a job asks before it does anything. */
@Injectable()
export class JobStatus {
  constructor(private readonly locker: LockerService) {}

  /** Whether a job is not to go on. One that is gone is not either. */
  async isAborted(id: string): Promise<boolean> {
    const job = await this.locker.get(this.locker.key(MapJob, id));
    return job?.isAborted ?? true;
  }
}
