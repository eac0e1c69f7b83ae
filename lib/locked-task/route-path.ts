import { VersioningType, type VersioningOptions } from '@nestjs/common';

/** What Nest builds the path of a route from. */
export interface RouteParts {
  /** Of `RouterModule`; empty: none. */
  readonly module: string;
  readonly controller: string;
  readonly method: string;
  /** Of `@Version` or the controller; undefined: none. */
  readonly version: unknown;
  readonly versioning: VersioningOptions | undefined;
  /** Of `setGlobalPrefix`; empty: none. */
  readonly globalPrefix: string;
  /** Whether `setGlobalPrefix` excludes the route. */
  readonly isExcluded: (path: string) => boolean;
}

/** The path under which Nest serves a route, with a leading and no trailing slash. */
export function routePath(parts: RouteParts): string {
  const path = join([parts.module, parts.controller, parts.method]);
  const prefix = parts.globalPrefix && !parts.isExcluded(path) ? parts.globalPrefix : '';
  return join([prefix, versionSegment(parts), path]);
}

/** Versions in other places than the path, and the neutral one, leave no mark on it. */
function versionSegment({ version, versioning }: RouteParts): string {
  if (versioning?.type !== VersioningType.URI) return '';
  const chosen = version ?? versioning.defaultVersion;
  const first: unknown = Array.isArray(chosen) ? chosen.at(0) : chosen;
  if (typeof first !== 'string') return '';
  return `${versioning.prefix === false ? '' : (versioning.prefix ?? 'v')}${first}`;
}

function join(segments: string[]): string {
  const trimmed = segments.map((segment) => segment.replace(/^\/+|\/+$/g, ''));
  return `/${trimmed.filter((segment) => segment !== '').join('/')}`;
}
