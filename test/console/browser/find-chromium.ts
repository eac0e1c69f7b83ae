import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The Chromium of this machine. @throws Error that says how to install one */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment['CHROMIUM'];
  const folders = (environment['PATH'] ?? '').split(delimiter);
  const candidates = given
    ? [given]
    : [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...elsewhere];
  const found = candidates.find(isExecutable);
  if (found) return found;
  throw new Error(
    `There is no Chromium${given ? ` at CHROMIUM=${given}` : ' in PATH'}, which the tests in a browser need. ` +
      'On Debian and Ubuntu: apt-get update && apt-get install -y chromium. Or name one in the variable CHROMIUM.',
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
