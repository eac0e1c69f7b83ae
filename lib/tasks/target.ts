import type { TaskProto } from '../google/tasks-api.js';

/** Where tasks are delivered to, as the options say it today. */
export type Target = HttpTarget | AppEngineTarget;

/** Any HTTP server, such as a service of Cloud Run. */
export interface HttpTarget {
  /** The application's address as Cloud Tasks reaches it, such as `https://orders-abc.a.run.app`. */
  readonly baseUrl: string;
  /** The identity that Cloud Tasks shows to the application. */
  readonly oidc?: {
    readonly serviceAccountEmail: string;
    /** Default: `baseUrl`. */
    readonly audience?: string;
  };
}

/** An App Engine service of the queue's project. */
export interface AppEngineTarget {
  readonly appEngine: {
    /** Default: the default service. */
    readonly service?: string;
    /** Default: the version that serves traffic. */
    readonly version?: string;
  };
}

/** The part of a task that says where it goes. */
export function addressed(
  target: Target,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
): TaskProto {
  if ('appEngine' in target)
    return {
      appEngineHttpRequest: {
        httpMethod: 'POST',
        appEngineRouting: target.appEngine,
        relativeUri: path,
        headers,
        body,
      },
    };
  const { baseUrl, oidc } = target;
  return {
    httpRequest: {
      httpMethod: 'POST',
      url: `${baseUrl.replace(/\/+$/, '')}${path}`,
      headers,
      body,
      ...(oidc && { oidcToken: { audience: baseUrl, ...oidc } }),
    },
  };
}
