import type { LedgerEntry } from '../ledger.js';
import { terms } from '../plan.js';
import type { Incident } from '../trouble/incident.js';
import { recoveryBound, troubledMs } from '../verdict/bound.js';
import type { StoredChain } from '../verdict/evidence.js';
import { firstBeginAfter, recoveriesOf, type Recovery } from '../verdict/recoveries.js';
import { median, seconds, spread } from './numbers.js';

/**
 * What the machine may take on top of every bound, in the times that a worker takes to come back: clients reconnect
 * after pauses that grow, and a processor with other work on it makes everything late.
 */
const slackInRestarts = 3;

interface Measured extends Recovery {
  /** How much of it was trouble of other sorts, milliseconds. */
  readonly troubled: number;
}

/** The recovery times of a run, as lines; and those that were too long. */
export interface RecoveryReport {
  readonly lines: readonly string[];
  readonly tooLong: readonly { readonly chain: string; readonly what: string }[];
}

/** Tells of every kill and stop what it held, and when that ran again. */
export function recoveryReport(
  incidents: readonly Incident[],
  ledger: readonly LedgerEntry[],
  chains: readonly StoredChain[],
  workers: number,
  beganAt: number,
): RecoveryReport {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const ordered = incidents.toSorted((one, other) => one.at - other.at);
  const told = ordered.map((incident) => ({
    incident,
    recoveries: recoveriesOf(incident, ledger, byName).map((recovery) => ({
      ...recovery,
      troubled: troubledMs(
        incident.at,
        incident.at + recovery.ms,
        others(incidents, incident),
        workers,
      ),
    })),
  }));
  const of = (what: Incident['what']): Measured[] =>
    told.flatMap(({ incident, recoveries }) => (incident.what === what ? recoveries : []));
  const killed = of('worker killed');
  const bound = recoveryBound(terms);
  const restarts = incidents.filter(({ what }) => what === 'worker killed');
  const slack = slackInRestarts * median(restarts.map(({ at, until }) => until - at));
  const tooLong = killed
    .filter(({ ms, troubled }) => ms > bound + troubled + slack)
    .map(({ chain, step, ms, troubled }) => ({
      chain,
      what: `step ${step} ran again ${seconds(ms)} after its worker was killed; the bound is ${seconds(bound)}, and ${seconds(troubled)} of that time there was other trouble`,
    }));
  const emulator = ordered
    .filter(({ what }) => what === 'emulator killed')
    .flatMap((incident) => firstBeginAfter(incident, ledger) ?? []);
  return {
    lines: [
      ...told.map(({ incident, recoveries }) => line(incident, recoveries, ledger, beganAt)),
      '',
      `Steps whose worker was killed ran again after ${spread(killed.map(({ ms }) => ms))}.`,
      `  Bound: ${seconds(bound)} = lease ${seconds(terms.leaseDurationMs)} + skew ${seconds(terms.skewMs)} + one sweep slot ${seconds(terms.sweepEveryMs)}, while nothing else fails.`,
      `  Above it: ${killed.filter(({ ms }) => ms > bound).length} of ${killed.length}; without the time of other trouble ${killed.filter(({ ms, troubled }) => ms - troubled > bound).length}; without that and ${seconds(slack)} for a machine that takes ${seconds(slack / slackInRestarts)} to start a worker ${tooLong.length}.`,
      `Steps whose worker was stopped ran in another one after ${spread(of('worker stopped').map(({ ms }) => ms))}.`,
      `After the emulator was killed the first step began after ${spread(emulator)}.`,
    ],
    tooLong,
  };
}

/** Two workers killed at the same time are trouble for each other, one is none for itself. */
function others(incidents: readonly Incident[], { what, pid }: Incident): Incident[] {
  return incidents.filter((one) => one.what !== what || one.pid !== pid);
}

function line(
  incident: Incident,
  recoveries: readonly Measured[],
  ledger: readonly LedgerEntry[],
  beganAt: number,
): string {
  const { what, pid, at, until } = incident;
  const head = `${seconds(at - beganAt).padStart(7)}  ${what} (${pid}), back after ${seconds(until - at)}`;
  if (what === 'emulator killed') {
    const next = firstBeginAfter(incident, ledger);
    return `${head}: ${next === undefined ? 'nothing began after it' : `a step began after ${seconds(next)}`}`;
  }
  if (recoveries.length === 0) return `${head}: it held nothing that had to run again`;
  const times = recoveries.map(({ ms }) => seconds(ms)).join(', ');
  return `${head}: it held ${recoveries.length}, which ran again after ${times}`;
}
