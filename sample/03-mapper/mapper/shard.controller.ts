import { Controller, Inject } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { Lease, LockedTask, LockerService } from 'nestjs-datastore-locker';
import { count, sum } from './counters.js';
import { MapNamespace, MapShard } from './entities.js';
import { JobStatus } from './job-status.js';
import { mapperConfig } from './mapper.config.js';
import { Readings } from './readings.js';

/** A shard goes through its readings in slices, each of them a step: it ends well before its request would be cut off. */
@Controller('map')
export class ShardController {
  constructor(
    private readonly locker: LockerService,
    private readonly status: JobStatus,
    private readonly readings: Readings,
    @Inject(mapperConfig.KEY) private readonly config: ConfigType<typeof mapperConfig>,
  ) {}

  /** The readings of a slice are counted once: cursor and counters are stored together, with the step. */
  @LockedTask('map.slice', MapShard)
  async slice(shard: MapShard, lease: Lease) {
    shard.slices += 1;
    const end = Date.now() + Math.min(this.config.sliceMs, lease.timeLeftMs / 2);
    do {
      if (await this.status.isAborted(shard.job)) return;
      const { namespace, cursor } = shard;
      const batch = await this.readings.read(namespace, shard, this.config.batch, cursor);
      shard.counters = sum(shard.counters, count(batch.readings));
      if (batch.cursor === undefined) return this.finish(shard, lease);
      shard.cursor = batch.cursor;
    } while (Date.now() < end && !lease.signal.aborted);
    await lease.next();
  }

  /** One transaction over two entities: the shard is complete, and the namespace has what it counted, once. */
  private async finish(
    { job, namespace, parentRun, parentStep, counters }: MapShard,
    lease: Lease,
  ) {
    const key = this.locker.key(MapNamespace, `${job}/${namespace}`);
    await this.locker.transact(async (tx) => {
      const parent = await tx.get(key);
      if (!parent) throw new Error(`${lease.key.name} belongs to no namespace.`);
      parent.counters = sum(parent.counters, counters);
      tx.save(key, parent);
      // The last one to arrive has the namespace's last step dispatched.
      tx.arrive(key, { run: parentRun, step: parentStep });
      tx.complete();
    });
  }
}
