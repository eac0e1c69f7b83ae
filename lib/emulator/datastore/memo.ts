/** What `make` made of each key, remembered up to `limit` keys; then it begins anew. For what is asked for again and again. */
export class Memo<Value> {
  readonly #values = new Map<string, Value>();

  constructor(private readonly limit: number) {}

  get(key: string, make: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= this.limit) this.#values.clear();
    const value = make();
    this.#values.set(key, value);
    return value;
  }
}
