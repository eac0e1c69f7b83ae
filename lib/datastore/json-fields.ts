/** The fields of a JSON object, each read as the type it must have. Absent fields are undefined, wrong ones throw. */
export class JsonFields {
  private readonly fields: Readonly<Record<string, unknown>>;

  /** @throws SyntaxError for what is no JSON object */
  constructor(json: unknown) {
    const value: unknown = typeof json === 'string' ? JSON.parse(json) : json;
    if (!isObject(value)) throw new SyntaxError('not a JSON object');
    this.fields = value;
  }

  text(name: string): string | undefined {
    const value = this.read(name);
    if (value === undefined || typeof value === 'string') return value;
    throw new SyntaxError(`${name} is not a text`);
  }

  number(name: string): number | undefined {
    const value = this.read(name);
    if (value === undefined || typeof value === 'number') return value;
    throw new SyntaxError(`${name} is not a number`);
  }

  flag(name: string): boolean {
    return this.read(name) === true;
  }

  list(name: string): readonly unknown[] {
    const value = this.read(name);
    return Array.isArray(value) ? value : [];
  }

  /** Its own field, nothing that a prototype has. */
  private read(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
