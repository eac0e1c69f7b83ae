import { Datastore } from '@google-cloud/datastore';
import { Order } from '../shop/order.js';
import { Stock } from '../shop/stock.js';
import { products, stockAtFirst } from './plan.js';
import type { StoredOrder } from './verdict.js';

/** What is stored, by Google's own client: nothing of the shop is asked about itself. */
export class Archive {
  constructor(private readonly datastore: Datastore) {}

  /** Fills the shelves. */
  async stockUp(): Promise<void> {
    const entities = products.map((product) => ({
      key: this.datastore.key([Stock.kind, product]),
      data: { left: stockAtFirst },
    }));
    await this.datastore.save(entities);
  }

  async orders(): Promise<StoredOrder[]> {
    const rows = await this.rows(Order.kind);
    return rows.map(({ name, row }) => ({
      id: name,
      total: Number(row['total']),
      isReserved: row['isReserved'] === true,
      isShipped: row['shippedAt'] instanceof Date,
      state: stateOf(row),
    }));
  }

  async stock(): Promise<Map<string, number>> {
    const rows = await this.rows(Stock.kind);
    return new Map(rows.map(({ name, row }) => [name, Number(row['left'])]));
  }

  private async rows(kind: string) {
    const query = this.datastore.createQuery(kind);
    const [entities]: [Record<string | symbol, unknown>[], unknown] =
      await this.datastore.runQuery(query);
    return entities.map((row) => ({ name: nameOf(row[this.datastore.KEY]), row }));
  }
}

function stateOf({ lock_seq: step, lock_end: end }: Record<string, unknown>): string {
  if (step === -1) return 'completed';
  return typeof end === 'string' ? end : 'under way';
}

function nameOf(key: unknown): string {
  return typeof key === 'object' && key && 'name' in key ? String(key.name) : '';
}
