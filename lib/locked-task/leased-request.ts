import type { ExecutionContext } from '@nestjs/common';
import type { HeldLease } from '../delivery/held-lease.js';
import type { LockedEntity } from '../entity/entity-class.js';
import { DeclarationError } from '../locker.errors.js';
import type { Headers } from '../tasks/task-request.js';

const LEASED = Symbol('nestjs-datastore-locker:leased');

/** What a step's handler works on. */
export interface Leased {
  readonly entity: LockedEntity;
  readonly lease: HeldLease;
}

/** A request of Express or Fastify, as far as it matters here. */
export interface TaskHttpRequest {
  readonly headers: Headers;
  readonly body?: unknown;
  [LEASED]?: Leased;
}

/** Leaves entity and lease with the request, for the handler's parameters. */
export function lend(request: TaskHttpRequest, leased: Leased): void {
  request[LEASED] = leased;
}

/** The entity and lease that a request was given. */
export function leasedBy(context: ExecutionContext): Leased {
  const leased = context.switchToHttp().getRequest<TaskHttpRequest>()[LEASED];
  if (leased) return leased;
  const method = `${context.getClass().name}.${context.getHandler().name}`;
  throw new DeclarationError(
    `${method} was called without a lease. Import LockerModule.forRoot().`,
  );
}
