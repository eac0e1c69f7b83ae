import type { LogEntry, LoggingApi } from '../google/logging-api.js';
import type { Holder, Lock } from '../lock/lock.js';
import type { CallBudget } from './call-budget.js';
import type { Probe } from './probe.js';
import { provesEnd, unsettledStatus } from './proof.js';

/** How much earlier or later than ours the platform's clocks may be, milliseconds. */
const skew = 5 * 60_000;

/**
 * Asks Cloud Logging whether the platform has written down the end of the holder's request: App Engine's log under
 * the id of the request, Cloud Run's under its trace. It writes late, and by some rules not at all, so that no entry
 * says nothing. Calls are few: a project has 60 a minute, for everything that reads its log.
 */
export function loggingProbe(api: LoggingApi, projectId: string, budget: CallBudget): Probe {
  return {
    name: 'logging',
    ask: async ({ lock, now }) => {
      const search = searchFor(lock, projectId);
      if (!search || !budget.take()) return 'unknown';
      const filter = [...search.which, ...between(lock, now)].join(' AND ');
      try {
        const entry = await api.newest({ projectId, filter });
        return entry && search.isProof(entry) ? 'ended' : 'unknown';
      } catch (error) {
        budget.failed();
        throw error;
      }
    },
  };
}

/** Which entries to look for, and which of those prove an end. */
interface Search {
  readonly which: readonly string[];
  isProof(entry: LogEntry): boolean;
}

/** Undefined: the holder has left nothing to look for. */
function searchFor({ holder, leaseId }: Lock, projectId: string): Search | undefined {
  // The Go library's lease id is the id of the request.
  const requestId = holder ? holder.requestId : leaseId;
  if (requestId && /^[0-9a-zA-Z]{1,200}$/.test(requestId))
    return appEngine(requestId, holder, projectId);
  const trace = traceId(holder?.trace);
  return trace === undefined ? undefined : cloudRun(trace, holder, projectId);
}

function between({ holder, timestamp }: Lock, now: number): string[] {
  const from = (holder?.since ?? timestamp ?? now) - skew;
  return [
    `timestamp>="${new Date(from).toISOString()}"`,
    `timestamp<="${new Date(now + skew).toISOString()}"`,
  ];
}

/**
 * A request under way may have entries too. The client cannot decode the payload, so that the filter looks at the
 * status. The id that a handler sees can end in 000101xx where the log has 000100.
 */
function appEngine(requestId: string, holder: Holder | undefined, projectId: string): Search {
  const asLogged = requestId.replace(/000101..$/, '000100');
  const which = [
    `logName="projects/${projectId}/logs/appengine.googleapis.com%2Frequest_log"`,
    `protoPayload.requestId=("${requestId}" OR "${asLogged}")`,
    'protoPayload.finished=true',
    holder
      ? `protoPayload.status=(200 OR ${unsettledStatus})`
      : 'protoPayload.status<500 AND NOT protoPayload.status=(408 OR 429 OR 499)',
  ];
  return { which, isProof: () => true };
}

/** A handler's own calls may share its trace, but they do not come from Cloud Tasks. */
function cloudRun(trace: string, holder: Holder | undefined, projectId: string): Search {
  const which = [
    `logName="projects/${projectId}/logs/run.googleapis.com%2Frequests"`,
    `trace=("projects/${projectId}/traces/${trace}" OR "${trace}")`,
    'httpRequest.userAgent="Google-Cloud-Tasks"',
  ];
  return {
    which,
    isProof: ({ status }) => status !== undefined && provesEnd(status, holder),
  };
}

/** The id in `traceparent` (version-trace-span-flags) or `X-Cloud-Trace-Context` (trace/span;o=flags). */
function traceId(header: string | undefined): string | undefined {
  return /^(?:[0-9a-f]{2}-)?([0-9a-f]{32})(?:[-/;]|$)/.exec(header ?? '')?.[1];
}
