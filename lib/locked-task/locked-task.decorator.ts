import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  Post,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { HeldLease } from '../delivery/held-lease.js';
import type { Lease } from '../delivery/lease.js';
import type { EntityClass, LockedEntity } from '../entity/entity-class.js';
import { LockedTaskGuard } from './locked-task.guard.js';
import { LockedTaskInterceptor } from './locked-task.interceptor.js';
import { leasedBy } from './leased-request.js';
import {
  LOCKED_TASK,
  type LockedTaskDeclaration,
  type LockedTaskOptions,
} from './locked-task.metadata.js';

const Entity = createParamDecorator(
  (_: unknown, context: ExecutionContext) => leasedBy(context).entity,
);
const LeaseOfTask = createParamDecorator(
  (_: unknown, context: ExecutionContext) => leasedBy(context).lease,
);

/**
 * Makes a controller method the handler of a step: each step of a chain runs it once, in order, under a lease on its
 * entity. Serves `POST <controller>/<name>`. The method gets the entity and the lease first; what follows is decorated
 * as in any controller, and guards, pipes, interceptors and filters work as on any method.
 *
 * Returning completes the run; throwing runs the step again after a pause, `PermanentTaskError` fails the run and
 * `RetryTaskError` postpones the step. Names are global to the application.
 *
 * @example
 * ```ts
 * @LockedTask('order.charge', Order, { onLost: 'fail' })
 * async charge(order: Order, lease: Lease, @Body() body: ChargeDto) {
 *   order.chargeId = await this.payments.charge(order.total, lease.idempotencyKey);
 *   return lease.next('order.confirm');
 * }
 * ```
 */
export function LockedTask<E extends LockedEntity>(
  name: string,
  entity: EntityClass<E>,
  options: LockedTaskOptions = {},
) {
  return <H extends (entity: E, lease: Lease, ...rest: never[]) => unknown>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    Entity()(target, property, 0);
    LeaseOfTask()(target, property, 1);
    tellStart(descriptor);
    applyDecorators(
      SetMetadata(LOCKED_TASK, { name, entity, options } satisfies LockedTaskDeclaration),
      Post(options.path ?? name),
      HttpCode(200),
      UseGuards(LockedTaskGuard),
      UseInterceptors(LockedTaskInterceptor),
    )(target, property, descriptor);
  };
}

/**
 * Lets the lease know when the handler itself is reached: what throws earlier is a pipe that refused the payload.
 * The original becomes the prototype, so that what other decorators left on it is still found.
 */
function tellStart(descriptor: PropertyDescriptor): void {
  const handler: unknown = descriptor.value;
  if (typeof handler !== 'function') return;
  const told = function (this: unknown, ...args: unknown[]): unknown {
    const [, lease] = args;
    const run = (): unknown => Reflect.apply(handler, this, args);
    return lease instanceof HeldLease ? lease.start(run) : run();
  };
  Object.defineProperty(told, 'name', { value: handler.name });
  Object.setPrototypeOf(told, handler);
  descriptor.value = told;
}
