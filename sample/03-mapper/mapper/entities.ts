import { Lockable, Unindexed } from 'nestjs-datastore-locker';
import { nothing } from './counters.js';

/** A pass over all readings of some namespaces. */
export class MapJob extends Lockable {
  static readonly kind = 'MapJob';
  namespaces: string[] = [];
  shardsEach = 1;
  /** How many readings there were when it began. */
  total = 0;
  /** Every task of it that finds this ends without doing anything. */
  isAborted = false;
  @Unindexed() counters = { ...nothing };
}

/** The part of a job that one namespace is. */
export class MapNamespace extends Lockable {
  static readonly kind = 'MapNamespace';
  job = '';
  namespace = '';
  shards = 0;
  /** The job's run and step that wait for it. */
  jobRun = '';
  jobStep = 0;
  @Unindexed() counters = { ...nothing };
}

/** The part of a namespace that one chain of slices goes through. */
export class MapShard extends Lockable {
  static readonly kind = 'MapShard';
  job = '';
  namespace = '';
  /** The namespace's run and step that wait for it. */
  parentRun = '';
  parentStep = 0;
  /** The names of its readings: from the first, included, to the last, not included. */
  from = '';
  to = '';
  /** Where the next slice goes on. */
  @Unindexed() cursor?: string;
  slices = 0;
  @Unindexed() counters = { ...nothing };
}
