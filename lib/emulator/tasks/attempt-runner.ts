import type { Clock } from '../../system/clock.js';
import { attemptHeaders, authorized, retryCountOf } from './attempt-headers.js';
import { DEFAULT_DEADLINE_MS } from './complete-task.js';
import type { DispatchEvent, DispatchHooks } from './dispatch-hooks.js';
import type { IdTokens } from './oidc-issuer.js';
import type { Outcome } from './outcome.js';
import { toMillis } from './proto-time.js';
import { retryAfterMs } from './retry-after.js';
import {
  type OutgoingRequest,
  type OutgoingResponse,
  type Send,
  type Target,
  targetOf,
} from './target-request.js';
import type { StoredTask } from './task-store.js';

/** What an attempt needs of the world. */
export interface AttemptContext {
  readonly clock: Clock;
  readonly send: Send;
  /** Base URL of the App Engine application. */
  readonly appEngineHost: string;
  readonly idTokens: IdTokens;
  readonly hooks: DispatchHooks;
  readonly observe: (event: DispatchEvent) => void;
}

/** Carries out single attempts: builds the request, sends it, waits no longer than the task's deadline. */
export class AttemptRunner {
  private readonly waiting = new Set<AbortController>();

  constructor(private readonly context: AttemptContext) {}

  /** Sends a task to its target. Never rejects: whatever goes wrong is an attempt without an answer. */
  async run(stored: StoredTask): Promise<Outcome> {
    const { clock, observe, appEngineHost } = this.context;
    const startedAt = clock.now();
    const target = targetOf(stored.task, appEngineHost);
    const headers = attemptHeaders(stored, target);
    const outcome = await this.withinDeadline(stored, (signal) =>
      this.send(stored, target, headers, signal),
    );
    observe({
      task: stored.name,
      retryCount: retryCountOf(stored),
      url: target.url,
      headers,
      status: outcome.type === 'answered' ? outcome.status : undefined,
      ms: clock.now() - startedAt,
    });
    return outcome;
  }

  /** Stops waiting for every answer. */
  close(): void {
    for (const abort of this.waiting) abort.abort();
  }

  /** Past the deadline the service no longer listens; the target may well go on. */
  private withinDeadline(
    stored: StoredTask,
    send: (signal: AbortSignal) => Promise<OutgoingResponse>,
  ): Promise<Outcome> {
    const { clock } = this.context;
    const deadline = stored.task.dispatchDeadline;
    const abort = new AbortController();
    this.waiting.add(abort);
    return new Promise<Outcome>((resolve) => {
      const cancel = clock.after(deadline ? toMillis(deadline) : DEFAULT_DEADLINE_MS, () => {
        abort.abort();
      });
      abort.signal.addEventListener('abort', () => resolve({ type: 'unanswered' }));
      void send(abort.signal)
        .then(
          (response) => answered(response, clock.now()),
          (): Outcome => ({ type: 'unanswered' }),
        )
        .then(resolve)
        .finally(() => {
          cancel();
          this.waiting.delete(abort);
        });
    });
  }

  private async send(
    stored: StoredTask,
    target: Target,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<OutgoingResponse> {
    const { hooks, idTokens, send } = this.context;
    const request: OutgoingRequest = {
      task: stored.name,
      url: target.url,
      method: target.method,
      headers: target.identity ? await authorized(headers, target.identity, idTokens) : headers,
      body: target.body,
      followRedirects: target.kind === 'http',
      signal,
    };
    return hooks.deliver(request, send);
  }
}

function answered(response: OutgoingResponse, now: number): Outcome {
  const retryAfter = response.headers?.['retry-after'];
  return {
    type: 'answered',
    status: response.status,
    retryAfterMs: retryAfter === undefined ? undefined : retryAfterMs(retryAfter, now),
  };
}
