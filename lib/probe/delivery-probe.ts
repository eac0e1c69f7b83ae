import type { Probe } from './probe.js';
import { provesEnd } from './proof.js';

/**
 * Looks at what the queue says with its next delivery of the holder's own task: how the one before was answered. Of
 * any earlier one it says nothing.
 */
export const deliveryProbe: Probe = {
  name: 'delivery',
  isFree: true,
  ask: ({ lock: { holder }, request }) => {
    const { taskName, queue, retryCount, previousResponse } = request;
    const isNext =
      taskName !== '' &&
      holder?.task === taskName &&
      holder.queue === queue &&
      holder.retryCount === retryCount - 1;
    if (!isNext || previousResponse === undefined) return 'unknown';
    return provesEnd(previousResponse, holder) ? 'ended' : 'unknown';
  },
};
