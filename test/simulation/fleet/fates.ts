/** The kinds of calls that a process makes to the outside. */
export type CallKind = 'read' | 'begin' | 'commit' | 'rollback' | 'create' | 'alert';

/** What may become of a call, or of the process that makes it. */
export type Fate =
  | 'goes well'
  /** Refused, nothing applied. */
  | 'fails'
  /** Applied, but the caller is told that it failed. */
  | 'applied, answer lost'
  | 'applied, answer lost, and the process stalls for 3 min'
  /** The caller is told that it failed; then it is applied. */
  | 'applied a second later'
  | 'applied half a minute later'
  /** Somebody else was in the way, or so it says. */
  | 'aborted'
  /** Overtaken by others on its way. */
  | 'slow'
  | 'very slow'
  /** The process ends, before or after the call is applied. */
  | 'dies before'
  | 'dies after'
  /** The process stands still when the answer comes, and goes on later. */
  | 'stalls for 45 s'
  | 'stalls for 90 s'
  | 'stalls for 12 min'
  /** Asked to end, as by a new version. */
  | 'shuts down'
  /** The service refuses everything for a while. */
  | 'outage of 10 s'
  | 'outage of 2 min';

type Fates = Readonly<Record<CallKind | 'work', readonly Fate[]>>;

/** For sampling. */
export const allFates: Fates = {
  read: ['goes well', 'fails', 'slow', 'dies after', 'stalls for 45 s', 'stalls for 90 s'],
  begin: [
    'goes well',
    'fails',
    'applied, answer lost',
    'aborted',
    'slow',
    'very slow',
    'dies after',
    'stalls for 45 s',
    'stalls for 90 s',
    'stalls for 12 min',
    'outage of 10 s',
    'outage of 2 min',
  ],
  commit: [
    'goes well',
    'fails',
    'applied, answer lost',
    'applied, answer lost, and the process stalls for 3 min',
    'applied a second later',
    'applied half a minute later',
    'aborted',
    'slow',
    'very slow',
    'dies before',
    'dies after',
    'stalls for 45 s',
    'stalls for 90 s',
    'stalls for 12 min',
    'outage of 10 s',
    'outage of 2 min',
  ],
  rollback: ['goes well', 'fails', 'dies before', 'stalls for 90 s'],
  create: [
    'goes well',
    'fails',
    'applied, answer lost',
    'applied a second later',
    'slow',
    'dies before',
    'dies after',
    'stalls for 90 s',
    'outage of 10 s',
    'outage of 2 min',
  ],
  alert: ['goes well', 'fails', 'very slow', 'dies before', 'dies after', 'stalls for 90 s'],
  work: [
    'goes well',
    'dies after',
    'shuts down',
    'stalls for 45 s',
    'stalls for 90 s',
    'stalls for 12 min',
  ],
};

/** For enumerating: of each sort the one that goes farthest. */
export const chiefFates: Fates = {
  read: ['goes well', 'fails', 'dies after', 'stalls for 90 s'],
  begin: ['goes well', 'fails', 'dies after', 'stalls for 90 s'],
  commit: [
    'goes well',
    'fails',
    'applied, answer lost',
    'applied, answer lost, and the process stalls for 3 min',
    'applied half a minute later',
    'dies before',
    'dies after',
    'stalls for 90 s',
  ],
  rollback: ['goes well', 'fails', 'dies before', 'stalls for 90 s'],
  create: [
    'goes well',
    'fails',
    'applied, answer lost',
    'dies before',
    'dies after',
    'stalls for 90 s',
  ],
  alert: ['goes well', 'fails', 'dies before', 'dies after', 'stalls for 90 s'],
  work: ['goes well', 'dies after', 'shuts down', 'stalls for 90 s'],
};

/** What may become of a task when its queue sends it. */
export type DeliveryFate =
  | 'is sent'
  | 'is sent twice'
  | 'is sent again after a minute'
  | 'is sent 5 s late'
  | 'is sent 90 s late'
  | 'is lost for good';

export const allDeliveryFates: readonly DeliveryFate[] = [
  'is sent',
  'is sent twice',
  'is sent again after a minute',
  'is sent 5 s late',
  'is sent 90 s late',
  'is lost for good',
];

export const chiefDeliveryFates: readonly DeliveryFate[] = [
  'is sent',
  'is sent twice',
  'is sent again after a minute',
  'is lost for good',
];

export const stallOf: Partial<Record<Fate, number>> = {
  'stalls for 45 s': 45_000,
  'stalls for 90 s': 90_000,
  'applied, answer lost, and the process stalls for 3 min': 180_000,
  'stalls for 12 min': 720_000,
};

export const outageOf: Partial<Record<Fate, number>> = {
  'outage of 10 s': 10_000,
  'outage of 2 min': 120_000,
};
