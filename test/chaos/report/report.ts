import type { Remains } from '../chaos.js';
import type { Plan } from '../plan.js';
import type { Incident } from '../trouble/incident.js';
import { troublePlans } from '../trouble/plan-troubles.js';
import type { Problem } from '../verdict/evidence.js';
import { problemsOf } from '../verdict/problems.js';
import { recoveryReport } from './recovery-report.js';
import { story } from './story.js';
import { tally } from './tally.js';

/** How many stories are told in full. */
const mostStories = 5;

/** The end of a run: what happened, in lines; and what must not have. */
export interface Report {
  readonly lines: readonly string[];
  readonly problems: readonly Problem[];
}

/** Judges what a run left behind. */
export function report(plan: Plan, remains: Remains, logs: readonly string[]): Report {
  const { beganAt, chains, ledger, incidents, leftAlone, waitingTasks } = remains;
  const recovery = recoveryReport(incidents, ledger, chains, 2, beganAt);
  const problems: Problem[] = [
    ...problemsOf({ chains, ledger }),
    ...recovery.tooLong,
    ...missingTrouble(plan, incidents),
    ...(waitingTasks > 0
      ? [{ chain: undefined, what: `${waitingTasks} tasks are left in the queue` }]
      : []),
  ];
  const ended = chains.filter(({ state }) => state === 'completed').length;
  return {
    problems,
    lines: [
      '',
      ...recovery.lines,
      '',
      `${plan.chains + plan.parents} chains were started, ${plan.parents} of them parents of ten; ${ended} of all ${chains.length} are completed.`,
      ...tally(ledger, chains),
      `${leftAlone.all} callers died without an answer; ${leftAlone.lost} of their chains had not begun.`,
      '',
      ...verdict(problems, remains, logs),
    ],
  };
}

/** Trouble that did not happen proves nothing. */
function missingTrouble(plan: Plan, incidents: readonly Incident[]): Problem[] {
  return Object.entries(troublePlans(plan)).flatMap(([what, { atLeast }]) => {
    const happened = incidents.filter((incident) => incident.what === what).length;
    return happened >= atLeast
      ? []
      : [{ chain: undefined, what: `"${what}" happened ${happened} times, not ${atLeast}` }];
  });
}

function verdict(
  problems: readonly Problem[],
  { chains, locks, ledger, incidents }: Remains,
  logs: readonly string[],
): string[] {
  if (problems.length === 0)
    return ['Every chain ended, every step was committed once and in order, and nothing is owed.'];
  const lines = [`${problems.length} problems:`];
  for (const { chain, what } of problems) lines.push(`  ${chain ?? 'the run'}: ${what}`);
  const names = new Set(problems.flatMap(({ chain }) => chain ?? []));
  const guilty = chains.filter(({ name }) => names.has(name)).slice(0, mostStories);
  for (const chain of guilty) {
    lines.push('', `  ${chain.name}`);
    lines.push(...story({ chain, lock: locks.get(chain.name), ledger, incidents, logs }));
  }
  return lines;
}
