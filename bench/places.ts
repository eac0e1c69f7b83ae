import { pathToFileURL } from 'node:url';

/** The folder of the sources, from which `npm run` starts. */
export const benchFolder = new URL('bench/', `${pathToFileURL(process.cwd()).href}/`);

/** The packages that are compared with, which nobody else installs. */
export const peersFolder = new URL('peers/', benchFolder);

export const resultsFile = new URL('results.json', benchFolder);
