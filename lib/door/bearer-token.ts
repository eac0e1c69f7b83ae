import type { Headers } from '../tasks/task-request.js';

/** What Cloud Run writes in place of a signature that it has checked: https://cloud.google.com/run/docs/troubleshooting */
const checkedByCloudRun = 'SIGNATURE_REMOVED_BY_GOOGLE';

/** The token in a header such as `Authorization: Bearer …`; undefined where there is none. */
export function bearerToken(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  if (typeof value !== 'string') return undefined;
  return /^Bearer ([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(value)?.[1];
}

/** Whether Cloud Run says that it has checked a token, and so has made it worthless to anybody else. */
export function isCheckedByCloudRun(token: string): boolean {
  return token.split('.')[2] === checkedByCloudRun;
}
