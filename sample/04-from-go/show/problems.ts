import { isDeepStrictEqual } from 'node:util';
import type { Import } from '../import.js';
import { Entity, type LeftByGo } from '../left-by-go.js';

type Properties = NonNullable<ReturnType<typeof Entity.decode>['properties']>;

/** What became of one import. */
export interface Evidence {
  readonly left: LeftByGo;
  /** As it is stored now; undefined: it is gone. */
  readonly stored: Import | undefined;
  /** Its properties as Datastore has them. */
  readonly properties: Properties;
}

/** How many steps an import has. */
const lastStep = 6;

/** What the locker and the handler change; everything else must be as Go wrote it. */
const changing = /^(lock_|steps$)/;

/** What went wrong with an import, a sentence each; none: every step ran once, in order, and nothing else changed. */
export function problemsOf({ left, stored, properties }: Evidence): string[] {
  if (!stored) return [`Import "${left.name}" is gone.`];
  const problems: string[] = [];
  const { state, run } = stored.lock;
  const expected = Array.from({ length: lastStep }, (_, index) => index + 1).join();
  if (state !== 'completed') problems.push(`Import "${left.name}" is ${state}, not completed.`);
  if (stored.steps.join() !== expected)
    problems.push(`Import "${left.name}" has run steps ${stored.steps.join(', ')}.`);
  const before = Entity.decode(left.entity).properties;
  const isOver = before['lock_seq']?.integerValue?.toString() === '-1';
  if (isOver && run !== '') problems.push(`Import "${left.name}" ran again, though it was over.`);
  for (const [name, value] of Object.entries(before))
    if (!changing.test(name) && !isDeepStrictEqual(canonical(value), canonical(properties[name])))
      problems.push(`Import "${left.name}": property ${name} is not as Go wrote it.`);
  return problems;
}

/** A value with everything said that has a default: the wire may leave it out. */
function canonical(value: Properties[string] | undefined): unknown {
  const entity = Entity.fromObject({ properties: value ? { value } : {} });
  return Entity.toObject(entity, { defaults: true, longs: String, bytes: String });
}
