import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as work } from 'node:timers/promises';
import { Controller, Headers } from '@nestjs/common';
import { Lease, LockedTask, PermanentTaskError } from 'nestjs-datastore-locker';
import { Duplicator } from './duplicator.js';
import { Invoice } from './invoice.js';

@Controller()
export class InvoiceController {
  constructor(private readonly duplicator: Duplicator) {}

  @LockedTask('invoice.render', Invoice)
  async render(invoice: Invoice, lease: Lease) {
    await work(20, undefined, { signal: lease.signal });
    invoice.pages = 1;
    await lease.next('invoice.mail');
  }

  /** Returning completes the run. A step that throws runs again after a second; most would wait longer. */
  @LockedTask('invoice.mail', Invoice, { backoff: { min: '1s' } })
  async mail(invoice: Invoice, lease: Lease, @Headers() headers: IncomingHttpHeaders) {
    const { fate } = invoice;
    if (fate === 'mail server away' && lease.attempt === 1)
      throw new Error('The mail server is away');
    if (fate === 'unknown address') throw new PermanentTaskError('Nobody has that address');
    if (fate === 'delivered twice') await this.duplicator.deliverAgain(headers);
    await work(fate === 'delivered twice' ? 500 : 20, undefined, { signal: lease.signal });
    invoice.mailed = true;
  }
}
