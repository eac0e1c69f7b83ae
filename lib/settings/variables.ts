import { OptionError } from '../locker.errors.js';

/** Environment variables, each read as the type it must have; one that is not set, or empty, is undefined. */
export class Variables {
  constructor(private readonly environment: Readonly<Record<string, string | undefined>>) {}

  text(name: string): string | undefined {
    return this.environment[name] || undefined;
  }

  list(name: string): string[] | undefined {
    return this.environment[name]?.split(',').map((item) => item.trim());
  }

  /** As `list`, but one that is empty is not set. */
  names(name: string): string[] | undefined {
    return this.text(name) === undefined ? undefined : this.list(name);
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return /^\d+$/.test(value) ? Number(value) : this.reject(name, 'a whole number');
  }

  flag(name: string): boolean | undefined {
    const value = this.word(name, ['true', 'false']);
    return value === undefined ? undefined : value === 'true';
  }

  word<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return words.find((word) => word === value) ?? this.reject(name, words.join(' or '));
  }

  words<T extends string>(name: string, words: readonly T[]): T[] | undefined {
    const expected = `a list of ${words.join(', ')}`;
    return this.names(name)?.map(
      (given) => words.find((word) => word === given) ?? this.reject(name, expected),
    );
  }

  /** Pairs such as `old=new,older=new`. */
  pairs(name: string): Record<string, string> | undefined {
    const pairs = this.names(name)?.map((item) => item.split('='));
    if (pairs?.some((pair) => pair.length !== 2)) return this.reject(name, 'pairs such as old=new');
    return (
      pairs &&
      Object.fromEntries(pairs.map(([before = '', after = '']) => [before, after] as const))
    );
  }

  /** One that must be set. */
  required<T>(value: T | undefined, name: string, expected: string): T {
    return value ?? this.reject(name, expected);
  }

  private reject(name: string, expected: string): never {
    const got = this.environment[name];
    throw new OptionError(
      `Environment variable ${name} expected ${expected}, got ${got ? JSON.stringify(got) : 'nothing'}.`,
    );
  }
}
