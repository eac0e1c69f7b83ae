import type { Key } from '@google-cloud/datastore';
import { BadRequestException, ConflictException, Inject, Injectable, Logger } from '@nestjs/common';
import { keyText, keyToProto } from '../datastore/keys.js';
import { LockerService } from '../locker.service.js';
import { ChainFinder } from './chain-finder.js';
import type { ConsoleSettings } from './console.options.js';
import { CONSOLE_SETTINGS } from './console.tokens.js';

/** What somebody saw of a chain before acting on it. */
interface Seen {
  readonly run: string;
  readonly step: number;
  readonly leaseId: string;
}

type Action = (locker: LockerService, key: Key, seen: Seen) => Promise<object | void>;

const actions: Readonly<Record<string, Action>> = {
  retry: (locker, key) => locker.retry(key),
  cancel: (locker, key) => locker.cancel(key),
  'run-now': (locker, key) => locker.runNow(key),
  release: (locker, key, { leaseId }) => locker.release(key, { leaseId }),
  redispatch: (locker, key) => locker.redispatch(key),
};

/** What people do to chains by the page; each is logged with who did it, and what came of it. */
@Injectable()
export class ChainActions {
  private readonly logger = new Logger('LockerConsole');

  constructor(
    private readonly locker: LockerService,
    private readonly finder: ChainFinder,
    @Inject(CONSOLE_SETTINGS) private readonly settings: ConsoleSettings,
  ) {}

  /**
   * Does one thing to the chain that a body names, unless it has moved on since it was seen.
   *
   * @throws BadRequestException, ConflictException; the errors of `LockerService`
   */
  async act(name: string, body: unknown, request: { readonly ip?: string }): Promise<object> {
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new BadRequestException(`"${name}" is no action.`);
    const { key: keyAsText, ...seen } = parsed(body);
    const key = this.finder.key(keyAsText);
    const who = (await this.settings.who?.(request)) ?? request.ip ?? 'somebody';
    const told = { who, action: name, key: keyText(keyToProto(key)), ...seen };
    try {
      await this.refuseOutdated(key, seen);
      const outcome = await action(this.locker, key, seen);
      this.logger.log(`${who} did "${name}" to ${told.key}`, {
        ...told,
        outcome: outcome ?? 'done',
      });
      return { ...outcome };
    } catch (error) {
      this.logger.warn(`${who} could not do "${name}" to ${told.key}`, { ...told, error });
      throw error;
    }
  }

  private async refuseOutdated(key: Key, seen: Seen): Promise<void> {
    const { lock } = await this.locker.inspect(key);
    if (lock.run !== seen.run || lock.step !== seen.step)
      throw new ConflictException(
        `The chain has moved on to ${lock.state}, step ${lock.step}, since you looked at it. Nothing was done.`,
      );
  }
}

function parsed(body: unknown): Seen & { key: string } {
  const { key, run, step, leaseId = '' } = (body ?? {}) as Partial<Record<string, unknown>>;
  if (
    typeof key !== 'string' ||
    typeof run !== 'string' ||
    typeof step !== 'number' ||
    typeof leaseId !== 'string'
  )
    throw new BadRequestException('Expected { key, run, step, leaseId } as they were shown.');
  return { key, run, step, leaseId };
}
