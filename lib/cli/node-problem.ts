/** From here on Node has `node:sqlite` without a flag, on which the emulator stores. */
const least = { major: 22, minor: 13 };

/** Why the program cannot run on a Node, and the cure; undefined: it can. @param version such as `v22.13.0` */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  const isNewEnough = major > least.major || (major === least.major && minor >= least.minor);
  return isNewEnough
    ? undefined
    : `nestjs-datastore-locker needs Node ${least.major}.${least.minor} or later, and this is ${version}. Install a newer one: https://nodejs.org`;
}
