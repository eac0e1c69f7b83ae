import type { v1 } from '@google-cloud/datastore-api';
import type { DatastoreEngine } from '../../lib/emulator/datastore/datastore-engine.js';
import { Status, statusOf } from '../../lib/google/status.js';
import type {
  Entity,
  Key,
  Properties,
  Value,
} from '../../lib/emulator/datastore/wire/entity-messages.js';

export const projectId = 'p1';

export type Method =
  'lookup' | 'runQuery' | 'runAggregationQuery' | 'beginTransaction' | 'commit' | 'rollback';

/** The parts of the responses that are compared; every method has some. */
interface Response {
  found: { entity: Entity }[];
  missing: { entity: Entity }[];
  transaction: Buffer;
  mutationResults: { conflictDetected: boolean }[];
  batch: {
    entityResults: { entity: Entity }[];
    entityResultType: string;
    skippedResults: number;
    moreResults: string;
    endCursor: Buffer;
    aggregationResults: { aggregateProperties: Properties }[];
  };
}

type AnyMethod = (request: object, options?: object) => Promise<unknown>;

/** One side of the comparison. Answers the response, or the status code of the refusal. */
export type Target = (method: Method, request: object) => Promise<Response | number>;

export function ours(engine: DatastoreEngine): Target {
  return (method, request) =>
    answerOf((engine[method] as AnyMethod).call(engine, { projectId, ...request }));
}

/** Throws, and from then on at once, when the emulator does not answer: that is no answer to compare with. */
export function google(client: v1.DatastoreClient): Target {
  const options = { timeout: 20_000, retry: null };
  let silent: Error | undefined;
  return async (method, request) => {
    if (silent) throw silent;
    const call = (client[method] as AnyMethod).call(client, { projectId, ...request }, options);
    const answer = await answerOf(call.then(first));
    if (answer !== Status.DEADLINE_EXCEEDED && answer !== Status.UNAVAILABLE) return answer;
    silent = new Error(`Google's emulator does not answer ${method}: status ${answer}.`);
    throw silent;
  };
}

function first(answer: unknown): unknown {
  return Array.isArray(answer) ? answer[0] : answer;
}

async function answerOf(call: Promise<unknown>): Promise<Response | number> {
  try {
    return (await call) as Response;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    return status;
  }
}

/** A key without its partition, which is the same everywhere but for the namespace. */
export function keyText(key: Key | null | undefined): string {
  return (key?.path ?? [])
    .map(
      (element) =>
        `${element.kind}:${'id' in element ? Number(element.id) : 'name' in element ? `"${element.name}"` : ''}`,
    )
    .join('/');
}

export function entityText(entity: Entity): string {
  return `${keyText(entity.key)} ${propertiesText(entity.properties)}`;
}

export function propertiesText(properties: Properties): string {
  const entries = Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, value]) => `${name}=${valueText(value)}`).join(', ')}}`;
}

function valueText(value: Value): string {
  const flags = `${value.excludeFromIndexes ? '!' : ''}${value.meaning ? `#${value.meaning}` : ''}`;
  return flags + contentText(value);
}

function contentText(value: Value): string {
  switch (value.valueType) {
    case 'doubleValue':
      return `double ${Object.is(value.doubleValue, -0) ? '-0' : value.doubleValue}`;
    case 'blobValue':
      return `blob ${Buffer.from(value.blobValue).toString('hex')}`;
    case 'keyValue':
      return `key ${keyText(value.keyValue)}`;
    case 'entityValue':
      return `entity ${propertiesText(value.entityValue.properties)}`;
    case 'arrayValue':
      return `[${value.arrayValue.values.map(valueText).join(', ')}]`;
    case 'geoPointValue':
      return `geo ${value.geoPointValue.latitude} ${value.geoPointValue.longitude}`;
    case 'timestampValue':
      return `time ${value.timestampValue.seconds} ${value.timestampValue.nanos}`;
    case 'nullValue':
      return 'null';
    case 'booleanValue':
      return `boolean ${value.booleanValue}`;
    case 'integerValue':
      return `integer ${value.integerValue}`;
    case 'stringValue':
      return `string ${JSON.stringify(value.stringValue)}`;
    case undefined:
    default:
      return 'nothing';
  }
}
