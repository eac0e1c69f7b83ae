import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  Inject,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { staffConfig } from './staff.config.js';

/** What Express's and Fastify's answers have in common. */
interface Answer {
  header(name: string, value: string): unknown;
}

/**
 * Lets the staff in: anybody's name, with the password of all. It is HTTP's own authentication, because a guard of the console
 * has to know a person by what browsers send by themselves; a bearer token would let no browser in.
 */
@Injectable()
export class StaffGuard implements CanActivate {
  constructor(@Inject(staffConfig.KEY) private readonly config: ConfigType<typeof staffConfig>) {}

  /** @throws UnauthorizedException, whereupon browsers ask for name and password */
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { password } = credentialsOf(http.getRequest<IncomingMessage>());
    if (password !== '' && isSame(password, this.config.password)) return true;
    http.getResponse<Answer>().header('WWW-Authenticate', 'Basic realm="staff", charset="UTF-8"');
    throw new UnauthorizedException('Say who you are: any name, and the password of the staff.');
  }
}

/** The name that somebody has signed in with, for the log of who did what. */
export function staffName(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  return credentialsOf(request).name || undefined;
}

function credentialsOf({ headers }: Pick<IncomingMessage, 'headers'>) {
  const [, encoded = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, name = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return { name, password };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** In the same time for every password, so that none can be found letter by letter. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}
