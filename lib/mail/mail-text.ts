import type { Alert, AlertType } from '../alert/alert.js';

/** What a mail says. */
export interface MailText {
  readonly text: string;
  readonly html?: string;
}

/** At most so many alerts are told in full, and so many lines of an error. */
const limits = { alerts: 50, errorLines: 12 };

const titles: Record<AlertType, string> = {
  failed: 'Failed',
  'taken-over': 'Taken over',
  unreadable: 'Unreadable task dropped',
  ahead: 'Turned back',
  stuck: 'Stuck',
  misconfigured: 'Misconfigured',
};

/** The subject of an alert, the same for all that belong in one mail: their type and the kind of their entities. */
export function subjectOf({ type, kind }: Alert): string {
  return kind ? `${titles[type]}: ${kind}` : titles[type];
}

/** The text of a mail about some alerts, unless the option `template` writes another. */
export function plainText(alerts: readonly Alert[]): MailText {
  const told = alerts.slice(0, limits.alerts).map(describe);
  const rest = alerts.length - told.length;
  if (rest > 0) told.push(`and ${rest} more, which the log has`);
  return { text: told.join('\n\n') };
}

function describe(alert: Alert): string {
  const { message, key, run, step, attempts, leaseMs, error, console, log, details } = alert;
  const rows = Object.entries({
    Entity: key,
    Run: run,
    Step: step,
    Attempts: attempts,
    'Lease held': leaseMs === undefined ? undefined : `${Math.round(leaseMs / 1_000)} s`,
    Chain: console,
    Log: log,
    Details: details && JSON.stringify(details),
  });
  const known = rows.filter(([, value]) => value !== undefined);
  return [
    // The message of a failure ends in its error, which comes in full below.
    error ? message.replace(error, '').replace(/: $/, '.') : message,
    ...known.map(([name, value]) => `  ${name}: ${String(value)}`),
    ...(error ? ['', ...firstLines(error)] : []),
  ].join('\n');
}

function firstLines(error: string): string[] {
  return error.split('\n', limits.errorLines).map((line) => `  ${line}`);
}
