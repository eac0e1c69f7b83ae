import { Lockable } from '../entity/lockable.js';
import type { Terms } from '../lock/terms.js';
import type { TaskDirectory } from '../tasks/task-directory.js';
import { UsageError } from './usage-error.js';

/** An entity of whatever kind; nothing here makes one. */
class AnyEntity extends Lockable {
  static readonly kind = '';
}

/** The tasks of an application as far as the command line tells: names, and the paths of their routes. */
export function knownPaths(
  given: readonly string[],
  aliases: Readonly<Record<string, string>>,
  terms: Terms,
): TaskDirectory {
  const rules = given.map(parseRule);
  return {
    find: (named) => {
      const name = aliases[named] ?? named;
      const rule = rules.find(({ task }) => task === undefined || task === name);
      const path = rule?.path.replaceAll('{task}', name);
      return path === undefined ? undefined : { name, path, terms, entity: AnyEntity };
    },
    entityOf: () => undefined,
    kinds: [],
  };
}

interface Rule {
  /** Undefined: any. */
  readonly task: string | undefined;
  readonly path: string;
}

function parseRule(text: string): Rule {
  const [, task, path] = /^(?:([\w.-]+)=)?(\/\S*)$/.exec(text) ?? [];
  if (path !== undefined && (task !== undefined || path.includes('{task}'))) return { task, path };
  throw new UsageError(
    `--path: expected one such as order.charge=/orders/order.charge or '/orders/{task}', got '${text}'.`,
  );
}
