import type { AppEngineHttpRequestProto } from '../../google/tasks-api.js';
import type { QueueName } from './names.js';
import { storedAppEngineHeaders } from './stored-headers.js';
import { bodyOf, checkBody, filled, MAX_URL_LENGTH, methodOf, refuseIf } from './target-rules.js';

/** Checks an App Engine target and completes it as it will be stored. */
export function completeAppEngineRequest(
  request: AppEngineHttpRequestProto,
  queue: QueueName,
): AppEngineHttpRequestProto {
  const relativeUri = request.relativeUri || '/';
  refuseIf(
    !relativeUri.startsWith('/') || relativeUri.includes(' '),
    "AppEngineHttpRequest.relativeUri must begin with '/' and must not contain spaces.",
  );
  refuseIf(
    relativeUri.length > MAX_URL_LENGTH,
    `AppEngineHttpRequest.relativeUri is longer than ${MAX_URL_LENGTH}.`,
  );
  checkBody(request, ['POST', 'PUT'], 'AppEngineHttpRequest');
  const { service, version, instance } = request.appEngineRouting ?? {};
  const labels = [instance, version, service, `${queue.project}.appspot.com`];
  const body = bodyOf(request);
  const host = labels.filter(Boolean).join('.');
  return {
    httpMethod: methodOf(request),
    relativeUri,
    headers: storedAppEngineHeaders(request.headers ?? {}, body.length),
    appEngineRouting: {
      service: filled(service),
      version: filled(version),
      instance: filled(instance),
      host,
    },
    body: filled(body),
  };
}
