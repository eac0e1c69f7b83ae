import {
  HttpException,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { lastValueFrom, Observable } from 'rxjs';
import type { Answer } from '../delivery/answer.js';
import { Departure } from '../delivery/departure.js';
import type { HeldLease } from '../delivery/held-lease.js';
import { Runner, type Handle } from '../delivery/runner.js';
import { PermanentTaskError } from '../locked-task.errors.js';
import { ArrivalReader } from './arrival-reader.js';
import { lend, type TaskHttpRequest } from './leased-request.js';

/** How long a queue is asked to wait for an application whose Datastore does not answer, seconds. */
const retryAfter = '30';

/** Puts a delivery around the handler: reads the task, has the runner take it, and answers. */
@Injectable()
export class LockedTaskInterceptor implements NestInterceptor {
  constructor(
    private readonly reader: ArrivalReader,
    private readonly runner: Runner,
    private readonly departure: Departure,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Whoever unsubscribes (a timeout, say) fires the lease's signal; the handler is waited for all the same. */
  intercept(context: ExecutionContext, next: CallHandler): Observable<object> {
    return new Observable((subscriber) => {
      let held: HeldLease | undefined;
      const giveUp = () => held?.holding.abort('unsubscribed');
      const handle: Handle = (entity, lease) => {
        held = lease;
        if (subscriber.closed) giveUp();
        lend(requestOf(context), { entity, lease });
        return handlerOf(next, lease);
      };
      const answer = this.answer(context, handle).finally(() => (held = undefined));
      answer.then(
        (body) => {
          subscriber.next(body);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
      return giveUp;
    });
  }

  private async answer(context: ExecutionContext, handle: Handle): Promise<object> {
    const arrival = await this.reader.read(requestOf(context), context.getHandler());
    const answer = 'status' in arrival ? arrival : await this.runner.deliver(arrival, handle);
    return this.write(answer, context.switchToHttp().getResponse());
  }

  private write({ status, ...body }: Answer, response: unknown): object {
    const { httpAdapter } = this.host;
    httpAdapter.status(response, status);
    if (status === 503) httpAdapter.setHeader(response, 'Retry-After', retryAfter);
    // A queue that sends one task after the other would keep its connection, and with it the server, from closing.
    if (this.departure.isUnderWay) httpAdapter.setHeader(response, 'Connection', 'close');
    return body;
  }
}

function requestOf(context: ExecutionContext): TaskHttpRequest {
  return context.switchToHttp().getRequest<TaskHttpRequest>();
}

/** A payload that a pipe refuses will be refused again, so the run fails at once. */
async function handlerOf(next: CallHandler, lease: HeldLease): Promise<void> {
  try {
    await lastValueFrom(next.handle(), { defaultValue: undefined });
  } catch (error) {
    await lease.giveUp();
    if (lease.hasStarted || !(error instanceof HttpException) || error.getStatus() >= 500)
      throw error;
    throw new PermanentTaskError(
      `The payload was refused: ${JSON.stringify(error.getResponse())}`,
      {
        cause: error,
      },
    );
  }
}
