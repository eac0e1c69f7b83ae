import type { Terms } from '../../../lib/lock/terms.js';
import { settingsFrom, type Settings } from '../../../lib/settings/settings.js';
import type { TaskDefinition, TaskDirectory } from '../../../lib/tasks/task-directory.js';
import { Chain } from './chain.js';

/** The tasks of the simulated application. */
export const taskNames = ['walk', 'walk once'] as const;
export type TaskName = (typeof taskNames)[number];

/** The options of the simulated application; few retries, so that a run comes to its end. */
export function settingsOf({
  renew,
  historyLength,
}: Pick<Settings, 'renew'> & {
  readonly historyLength: number;
}): Settings {
  return settingsFrom(
    {
      target: { baseUrl: 'https://simulated.test' },
      guard: 'none',
      location: 'europe-west1',
      renew,
      maxRetries: 2,
      maxPostpones: 2,
      backoff: { min: '10s', max: '30s' },
      historyLength,
      // Evidence lets leases be taken earlier; the simulation's rules are those without it.
      probes: [],
    },
    'simulated',
  );
}

/** Two tasks; what a lost attempt of the second one did is too dangerous to be done again. */
export class Directory implements TaskDirectory {
  readonly kinds: readonly string[] = [Chain.kind];
  readonly entity = Chain;
  private readonly definitions: ReadonlyMap<string, TaskDefinition>;

  constructor(terms: Terms) {
    this.definitions = new Map(
      taskNames.map((name) => {
        const path = `/tasks/${name.replaceAll(' ', '-')}`;
        const onLost = name === 'walk once' ? 'fail' : 'retry';
        return [name, { name, path, entity: Chain, terms: { ...terms, onLost } }];
      }),
    );
  }

  find(name: string): TaskDefinition | undefined {
    return this.definitions.get(name);
  }

  /** The task whose handler is reached under a path. */
  at(path: string): TaskDefinition | undefined {
    return [...this.definitions.values()].find((definition) => definition.path === path);
  }

  entityOf(kind: string) {
    return kind === Chain.kind ? Chain : undefined;
  }
}
