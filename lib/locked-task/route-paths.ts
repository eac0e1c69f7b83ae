import { Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { routePath } from './route-path.js';

/** A class with methods, as decorators leave it. */
export interface ControllerClass {
  readonly name: string;
  readonly prototype: unknown;
}

/** The keys under which Nest's own decorators and `RouterModule` leave what a path is made of. */
const keys = { path: 'path', version: '__version__', modulePath: '__module_path__' };

/** Finds where Nest serves the methods of controllers. */
@Injectable()
export class RoutePaths {
  constructor(
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
  ) {}

  /** The path of a POST route. @param module the module that declares the controller */
  pathOf(controller: ControllerClass, method: string, module?: object): string {
    const handler = methodOf(controller, method);
    const { exclude } = this.config.getGlobalPrefixOptions();
    return routePath({
      module: text(keys.modulePath + this.modules.applicationId, module),
      controller: text(keys.path, controller),
      method: text(keys.path, handler),
      version: metadata(keys.version, handler) ?? metadata(keys.version, controller),
      versioning: this.config.getVersioning(),
      globalPrefix: this.config.getGlobalPrefix(),
      isExcluded: (path) =>
        exclude?.some(
          ({ pathRegex, requestMethod }) =>
            [RequestMethod.POST, RequestMethod.ALL].includes(requestMethod) && pathRegex.test(path),
        ) ?? false,
    });
  }
}

/** A method of a class, parents included; undefined: there is none of that name. */
export function methodOf({ prototype }: ControllerClass, name: string): object | undefined {
  if (typeof prototype !== 'object' || prototype === null) return undefined;
  const method: unknown = Reflect.get(prototype, name);
  return typeof method === 'function' ? method : undefined;
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
