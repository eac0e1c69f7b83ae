import type { LockerService } from 'nestjs-datastore-locker';
import type { ShownChain } from 'nestjs-datastore-locker/console';
import { MapJob, MapNamespace, MapShard } from './entities.js';

/** What the console shows of a job and of its parts, while they run and afterwards. */
export function shownOf(entity: object, _kind: string, { key, locker }: ShownChain) {
  if (entity instanceof MapJob) return shownOfJob(entity, key.name ?? '', locker);
  if (entity instanceof MapNamespace) return shownOfNamespace(entity, locker);
  return entity instanceof MapShard ? shownOfShard(entity) : {};
}

/**
 * Readings are counted by the shards, and reach their namespace and the job when those end: a job that was written by every slice
 * would be written more often than Datastore takes. So its progress is looked up where it is, whenever somebody looks.
 */
async function shownOfJob(job: MapJob, id: string, locker: LockerService) {
  const parts = job.namespaces.map((name) => shardsOf(`${id}/${name}`, job.shardsEach, locker));
  const shards = (await Promise.all(parts)).flat();
  const counted = countedBy(shards);
  const percent = job.total === 0 ? 0 : Math.floor((counted / job.total) * 100);
  return {
    Progress: `${percent} %: ${grouped(counted)} of ${grouped(job.total)} readings`,
    'Shards that have ended': endedOf(shards, job.namespaces.length * job.shardsEach),
    Aborted: job.isAborted ? 'yes' : 'no',
  };
}

async function shownOfNamespace({ job, namespace, shards }: MapNamespace, locker: LockerService) {
  const found = await shardsOf(`${job}/${namespace}`, shards, locker);
  return {
    Job: job,
    Counted: `${grouped(countedBy(found))} readings`,
    'Shards that have ended': endedOf(found, shards),
  };
}

function shownOfShard({ job, from, to, slices, counters }: MapShard) {
  return {
    Job: job,
    Names: `from ${from}, up to ${to}`,
    Counted: `${grouped(counters.readings)} readings in ${slices} slices`,
  };
}

/** Those of a namespace that there are by now. */
async function shardsOf(namespace: string, count: number, locker: LockerService) {
  const keys = Array.from({ length: count }, (_, index) =>
    locker.key(MapShard, `${namespace}/${index}`),
  );
  const shards = await Promise.all(keys.map((key) => locker.get(key)));
  return shards.filter((shard) => shard !== undefined);
}

function countedBy(shards: readonly MapShard[]): number {
  return shards.reduce((sum, { counters }) => sum + counters.readings, 0);
}

function endedOf(shards: readonly MapShard[], all: number): string {
  return `${shards.filter(({ lock }) => lock.state === 'completed').length} of ${all}`;
}

function grouped(number: number): string {
  return number.toLocaleString('en');
}
