import type { Plan } from './plan.js';

/** What chains there are, by what is expected of them. */
export type ChainKind = 'chain' | 'parent' | 'child';

export interface ChainName {
  readonly kind: ChainKind;
  /** Unique among all kinds. */
  readonly name: string;
}

/** How many children a parent has. */
export const childrenOfParent = 10;

/** How many steps a chain of each kind has. */
export const stepsOf: Readonly<Record<ChainKind, number>> = { chain: 4, parent: 2, child: 1 };

/** The kind of chain that bears a name. */
export function kindOf(name: string): ChainKind {
  if (name.includes('-child-')) return 'child';
  return name.startsWith('parent-') ? 'parent' : 'chain';
}

export function childNames(parent: string): string[] {
  return Array.from({ length: childrenOfParent }, (_, index) => `${parent}-child-${index + 1}`);
}

/** The chains that are started from outside, in the order of their starts: the parents spread among the others. */
export function startedChains({ chains, parents }: Pick<Plan, 'chains' | 'parents'>): ChainName[] {
  const total = chains + parents;
  const started: ChainName[] = [];
  let parent = 0;
  for (let index = 0; index < total; index++) {
    const isParent = Math.floor(((index + 1) * parents) / total) > parent;
    if (isParent) started.push({ kind: 'parent', name: `parent-${++parent}` });
    else started.push({ kind: 'chain', name: `chain-${index + 1 - parent}` });
  }
  return started;
}

/** All chains that there will be, children included. */
export function allChains(plan: Pick<Plan, 'chains' | 'parents'>): ChainName[] {
  return startedChains(plan).flatMap((chain) =>
    chain.kind === 'parent'
      ? [chain, ...childNames(chain.name).map((name) => ({ kind: 'child', name }) as const)]
      : [chain],
  );
}
