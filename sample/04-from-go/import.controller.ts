import { Body, Controller } from '@nestjs/common';
import { Lease, LockedTask } from 'nestjs-datastore-locker';
import { Import } from './import.js';

/** What a task carries: form parameters, as the Go application sent them. */
interface StepParameters {
  /** How many steps there are. */
  readonly of: string;
}

@Controller('import')
export class ImportController {
  /** The tasks that Go left in the queue go to the old path, so it is kept. */
  @LockedTask('import.step', Import, { path: 'step' })
  async step(imported: Import, lease: Lease, @Body() parameters: StepParameters) {
    imported.steps.push(lease.step);
    if (lease.step < Number(parameters.of))
      await lease.next('import.step', { form: { ...parameters } });
  }
}
