import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { Terms } from '../lock/terms.js';
import { duration, oneOf, whole } from '../settings/expect.js';
import {
  LOCKED_TASK,
  type LockedTaskDeclaration,
  type LockedTaskOptions,
} from './locked-task.metadata.js';
import { methodOf, RoutePaths, type ControllerClass } from './route-paths.js';
import type { FoundTask } from './task-registry.js';

/** Finds the methods that `@LockedTask` has declared. */
@Injectable()
export class LockedTaskExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly paths: RoutePaths,
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
    controller: ControllerClass,
    module: object | undefined,
    terms: Terms,
  ): FoundTask[] {
    const { prototype } = controller;
    if (typeof prototype !== 'object') return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const handler = methodOf(controller, method);
      const declaration: unknown = handler && Reflect.getMetadata(LOCKED_TASK, handler);
      if (!handler || !isDeclaration(declaration)) return [];
      const { name, entity, options } = declaration;
      const place = `${controller.name}.${method}`;
      const path = this.paths.pathOf(controller, method, module);
      const definition = { name, entity, path, terms: ownTerms(terms, options, place) };
      return [{ definition, handler, place }];
    });
  }
}

function ownTerms(terms: Terms, options: LockedTaskOptions, place: string): Terms {
  const { onLost, maxRetries, backoff } = options;
  const min = duration(`backoff.min of ${place}`, backoff?.min ?? terms.backoff.min);
  return {
    ...terms,
    onLost: oneOf(`onLost of ${place}`, onLost ?? terms.onLost, ['retry', 'fail']),
    maxRetries: whole(`maxRetries of ${place}`, maxRetries ?? terms.maxRetries, 0, 1_000),
    backoff: {
      min,
      max: duration(`backoff.max of ${place}`, backoff?.max ?? terms.backoff.max, min),
    },
  };
}

function isDeclaration(value: unknown): value is LockedTaskDeclaration {
  return typeof value === 'object' && value !== null;
}
