import type { TargetKind } from './target-kind.js';
import type { TaskResource } from './resources.js';

/** One HTTP request to a target. */
export interface OutgoingRequest {
  /** The task that is dispatched: its full name. */
  readonly task: string;
  readonly url: string;
  readonly method: string;
  /** As sent, their case kept. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** HTTP targets follow redirects, App Engine never. */
  readonly followRedirects: boolean;
  /** Aborted when the service no longer waits for the answer. */
  readonly signal: AbortSignal;
}

/** The answer to an {@link OutgoingRequest}; its body does not matter. */
export interface OutgoingResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request; rejects when there is no answer. */
export type Send = (request: OutgoingRequest) => Promise<OutgoingResponse>;

/** Where a stored task goes and with what, before the headers of the attempt are added. */
export interface Target {
  readonly kind: TargetKind;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Of the token that the target is to be shown. */
  readonly identity: { readonly email: string; readonly audience: string } | undefined;
}

/** Reads a stored task's target. App Engine targets live at `appEngineHost`. */
export function targetOf(task: TaskResource, appEngineHost: string): Target {
  const { httpRequest: http, appEngineHttpRequest: appEngine } = task;
  const request = http ?? appEngine ?? {};
  const url = http?.url ?? `${appEngineHost.replace(/\/$/, '')}${appEngine?.relativeUri ?? '/'}`;
  const email = http?.oidcToken?.serviceAccountEmail;
  return {
    kind: http ? 'http' : 'appEngine',
    url,
    method: request.httpMethod ?? 'POST',
    headers: request.headers ?? {},
    body: Buffer.from(request.body ?? []),
    identity: email ? { email, audience: http.oidcToken?.audience || url } : undefined,
  };
}
