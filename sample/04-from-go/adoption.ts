import type { AdoptedTask, AdoptionReport, LockerService } from 'nestjs-datastore-locker';
import { Import } from './import.js';

/** How an import goes on whose own task is lost: with the parameters that all of them had. */
export function taskOf(): AdoptedTask {
  return { task: 'import.step', form: { rows: '1000', of: '6' } };
}

/** Takes over what Go left held or parked. @param patience how long Go's own tasks may still come by themselves */
export function adoptAll(locker: LockerService, patience: string): Promise<AdoptionReport> {
  return locker.adopt(Import, taskOf, { patience });
}
