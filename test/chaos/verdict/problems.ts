import { groupBy } from '../group-by.js';
import { ledgerProblems } from './ledger-problems.js';
import { entityProblems } from './entity-problems.js';
import type { Evidence, Problem } from './evidence.js';

/** Everything that is wrong with how a run ended. */
export function problemsOf({ chains, ledger }: Evidence): Problem[] {
  const byChain = groupBy(ledger, ({ chain }) => chain);
  const problems = chains.flatMap((chain) =>
    [...entityProblems(chain), ...ledgerProblems(chain, byChain.get(chain.name) ?? [])].map(
      (what) => ({ chain: chain.name, what }),
    ),
  );
  const known = new Set(chains.map(({ name }) => name));
  const strangers = [...byChain.keys()].filter((name) => !known.has(name));
  return [
    ...problems,
    ...strangers.map((chain) => ({ chain, what: 'nobody started it' })),
    ...sharedKeys({ chains, ledger }),
  ];
}

/** An idempotency key belongs to one step of one chain. */
function sharedKeys({ ledger }: Evidence): Problem[] {
  const owner = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { idempotencyKey, chain, step } of ledger) {
    const user = `step ${step} of ${chain}`;
    const first = owner.get(idempotencyKey);
    if (first === undefined) owner.set(idempotencyKey, user);
    else if (first !== user)
      problems.push({ chain, what: `step ${step} used the idempotency key of ${first}` });
  }
  return problems;
}
