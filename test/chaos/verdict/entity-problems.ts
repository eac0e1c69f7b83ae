import { childNames, stepsOf, type ChainKind } from '../names.js';
import type { StoredChain } from './evidence.js';

/** How each step of a chain is settled, in order. */
const settles: Readonly<Record<ChainKind, readonly string[]>> = {
  chain: ['1 advanced', '2 advanced', '3 advanced', '4 completed'],
  parent: ['1 waiting', '2 completed'],
  child: ['1 completed'],
};

/** What a history says beside the settles that end a step. */
const attempts = new Set(['lost', 'released', 'postponed', 'handed back']);

/** What is wrong with a chain's entity: its state, the steps noted in it, its lock's history, its children. */
export function entityProblems(chain: StoredChain): string[] {
  const { kind, state, isOwing, trail, history } = chain;
  const problems: string[] = [];
  if (state !== 'completed') problems.push(`it is ${state}, not completed`);
  if (isOwing) problems.push('its lock still owes something');

  const steps = Array.from({ length: stepsOf[kind] }, (_, index) => index + 1);
  if (trail.join() !== steps.join())
    problems.push(`it stored the steps [${trail.join(', ')}], not [${steps.join(', ')}]`);

  const settled = history
    .filter(({ outcome }) => !attempts.has(outcome))
    .map(({ step, outcome }) => `${step} ${outcome}`);
  // A parent whose children were all there before it would wait goes on at once.
  const expected = settles[kind].map((settle, index) =>
    settle === '1 waiting' && settled[index] === '1 advanced' ? '1 advanced' : settle,
  );
  if (settled.join() !== expected.join())
    problems.push(`its history settles [${settled.join(', ')}], not [${expected.join(', ')}]`);

  return kind === 'parent' ? [...problems, ...familyProblems(chain)] : problems;
}

function familyProblems({ name, arrived = [], timedOut }: StoredChain): string[] {
  const problems: string[] = [];
  const children = childNames(name);
  if (arrived.length !== children.length)
    problems.push(`${arrived.length} arrivals were counted, not ${children.length}`);
  for (const child of children) {
    const times = arrived.filter((one) => one === child).length;
    if (times !== 1) problems.push(`${child} arrived ${times} times`);
  }
  if (timedOut) problems.push('it went on before all its children had arrived');
  return problems;
}
