import type { Headers } from '../tasks/task-request.js';
import { admitted, refused, type Admission } from './admission.js';

/**
 * Lets in what App Engine's queues send: the platform removes this header from everybody else's requests.
 * https://cloud.google.com/tasks/docs/creating-appengine-handlers#reading-headers
 */
export function appEngineCheck(headers: Headers): Admission {
  const queue = headers['x-appengine-queuename'];
  return typeof queue === 'string' && queue !== ''
    ? admitted
    : refused(403, 'it does not come from a queue of App Engine');
}
