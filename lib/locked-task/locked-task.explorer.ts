import { Injectable, RequestMethod } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  MetadataScanner,
  ModulesContainer,
} from '@nestjs/core';
import type { Terms } from '../lock/terms.js';
import { duration, whole } from '../settings/expect.js';
import {
  LOCKED_TASK,
  type LockedTaskDeclaration,
  type LockedTaskOptions,
} from './locked-task.metadata.js';
import { routePath } from './route-path.js';
import type { FoundTask } from './task-registry.js';

/** The keys under which Nest's own decorators and `RouterModule` leave what a path is made of. */
const nestMetadata = { path: 'path', version: '__version__', modulePath: '__module_path__' };

/** Finds the methods that `@LockedTask` has declared, and where Nest serves them. */
@Injectable()
export class LockedTaskExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
  ) {}

  /** All declared tasks, with the module's terms where a declaration has none of its own. */
  explore(terms: Terms): FoundTask[] {
    return this.discovery
      .getControllers()
      .flatMap(({ metatype, host }) =>
        typeof metatype === 'function' ? this.tasksOf(metatype, host?.metatype, terms) : [],
      );
  }

  private tasksOf(
    controller: { name: string; prototype: unknown },
    module: object | undefined,
    terms: Terms,
  ): FoundTask[] {
    const { prototype } = controller;
    if (typeof prototype !== 'object') return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const handler: unknown = Reflect.get(prototype ?? {}, method);
      if (typeof handler !== 'function') return [];
      const found: unknown = Reflect.getMetadata(LOCKED_TASK, handler);
      if (!isDeclaration(found)) return [];
      const { name, entity, options } = found;
      const place = `${controller.name}.${method}`;
      const path = this.pathOf(controller, handler, module);
      const definition = { name, entity, path, terms: own(terms, options, place) };
      return [{ definition, handler, place }];
    });
  }

  private pathOf(controller: object, handler: object, module: object | undefined): string {
    const options = this.config.getGlobalPrefixOptions();
    return routePath({
      module: text(nestMetadata.modulePath + this.modules.applicationId, module),
      controller: text(nestMetadata.path, controller),
      method: text(nestMetadata.path, handler),
      version:
        metadata(nestMetadata.version, handler) ?? metadata(nestMetadata.version, controller),
      versioning: this.config.getVersioning(),
      globalPrefix: this.config.getGlobalPrefix(),
      isExcluded: (path) =>
        options.exclude?.some(
          ({ pathRegex, requestMethod }) =>
            [RequestMethod.POST, RequestMethod.ALL].includes(requestMethod) && pathRegex.test(path),
        ) ?? false,
    });
  }
}

function own(terms: Terms, options: LockedTaskOptions, place: string): Terms {
  const { onLost, maxRetries, backoff } = options;
  return {
    ...terms,
    ...(onLost !== undefined && { onLost }),
    ...(maxRetries !== undefined && {
      maxRetries: whole(`maxRetries of ${place}`, maxRetries, 0, 1_000),
    }),
    backoff: {
      min: duration(`backoff.min of ${place}`, backoff?.min ?? terms.backoff.min),
      max: duration(`backoff.max of ${place}`, backoff?.max ?? terms.backoff.max),
    },
  };
}

function isDeclaration(value: unknown): value is LockedTaskDeclaration {
  return typeof value === 'object' && value !== null;
}

function metadata(key: string, target: object | undefined): unknown {
  return target && Reflect.getMetadata(key, target);
}

/** The first of the paths that a decorator was given. */
function text(key: string, target: object | undefined): string {
  const value = metadata(key, target);
  const first: unknown = Array.isArray(value) ? value.at(0) : value;
  return typeof first === 'string' ? first : '';
}
