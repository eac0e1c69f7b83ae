import type { AppEngineHttpRequestProto, HttpRequestProto } from '../../google/tasks-api.js';
import { refusal } from './refusals.js';

/** Target URLs and URIs: HttpRequest.url in Google's target.proto. */
export const MAX_URL_LENGTH = 2083;

type AnyRequest = HttpRequestProto | AppEngineHttpRequestProto;

/** The method that a request asks for; POST by default. */
export function methodOf(request: AnyRequest) {
  const method = request.httpMethod;
  return method && METHODS.has(method) ? method : 'POST';
}

const METHODS = new Set<string>(['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']);

/** The body of a request. As in Google's clients, a string is base64. */
export function bodyOf({ body }: AnyRequest): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body, 'base64') : (body ?? Buffer.alloc(0));
}

/** Null instead of empty: the message would spend bytes on it, and a task is measured as it is written. */
export function filled<T extends string | Uint8Array>(value: T | null | undefined): T | null {
  return value?.length ? value : null;
}

/** Refuses a body that the method cannot have. */
export function checkBody(request: AnyRequest, allowed: string[], field: string): void {
  refuseIf(
    bodyOf(request).length > 0 && !allowed.includes(methodOf(request)),
    `${field}.body is allowed only if the method is ${allowed.join(', ')}.`,
  );
}

/** Refuses a task for a reason. */
export function refuseIf(condition: boolean, text: string): void {
  if (condition) throw refusal.invalid(text);
}
