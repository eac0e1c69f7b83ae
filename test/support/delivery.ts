import type { Key } from '@google-cloud/datastore';
import { keyToProto } from '../../lib/datastore/keys.js';
import { encodeLockKey } from '../../lib/tasks/lock-key.js';

/** One delivery as a test makes it: what a queue would send, with anything replaced or left out. */
export interface Delivery {
  readonly key: Key;
  readonly run: string;
  readonly step: number;
  readonly number?: number;
  /** The task's name, which is its path below `/tasks`. */
  readonly task: string;
  readonly queue?: string;
  readonly retryCount?: number;
  readonly body?: unknown;
  /** Replaces single headers; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface Response {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** The headers of a task of this package, as its queue delivers them. */
export function headersOf(delivery: Delivery, projectId: string): Record<string, string> {
  const { key, run, step, number = 0, queue = 'default', retryCount = 0 } = delivery;
  const headers: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-cloudtasks-queuename': queue,
    'x-cloudtasks-taskname': 'forged',
    'x-cloudtasks-taskretrycount': String(retryCount),
    'x-lock-key': encodeLockKey({ projectId, databaseId: '', key: keyToProto(key) }),
    'x-lock-run': run || undefined,
    'x-lock-seq': String(step),
    'x-lock-dispatch': number > 0 ? String(number) : undefined,
    ...delivery.headers,
  };
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

/** Posts to a route and reads the answer. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<Response> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  return {
    status: response.status,
    body: /^[{[]/.test(text) ? JSON.parse(text) : text,
    headers: response.headers,
  };
}
