import { isDeepStrictEqual } from 'node:util';
import { readArguments, usage, type Arguments } from './arguments.js';
import { circumstancesOf, plainCircumstances, type Circumstances } from './circumstances.js';
import { formatDecisions } from './decisions/recorded-oracle.js';
import { hunt } from './defects/hunt.js';
import { enumerate } from './exhaustive.js';
import { replay, runSeed, type Schedule } from './run-schedule.js';
import { shrink } from './shrink.js';

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A failing schedule: its story, as short as it can be made, and how to see it again. */
async function tellFailure(failing: Schedule, circumstances: Circumstances, how: string) {
  print(
    `${failing.decisions.length} decisions broke a promise; leaving out what does not matter …`,
  );
  const { story, decisions, violation } = await shrink(failing, circumstances);
  print(story.join('\n'));
  print(`\n${violation?.message ?? 'It did not fail again: the simulation is not deterministic.'}`);
  print(JSON.stringify(circumstances));
  print(`npm run simulate -- ${how} --trace --decisions ${formatDecisions(decisions)}`);
}

async function sample({ seed, schedules, brief }: Arguments): Promise<boolean> {
  const begun = performance.now();
  let events = 0;
  for (let done = 0; done < schedules; done++) {
    const schedule = await runSeed(seed + done);
    events += schedule.events;
    if (schedule.violation) {
      print(`Seed ${seed + done}: ${schedule.violation.message}`);
      if (!brief)
        await tellFailure(schedule, circumstancesOf(seed + done), `--seed ${seed + done}`);
      return false;
    }
    if ((done + 1) % 10_000 === 0 || done + 1 === schedules) {
      const seconds = (performance.now() - begun) / 1_000;
      const rate = Math.round((done + 1) / seconds);
      print(`${done + 1} schedules, ${events} events, ${rate} schedules a second, all well`);
    }
  }
  return true;
}

async function trace({ seed, decisions }: Arguments): Promise<boolean> {
  const { story, violation, ...schedule } = decisions
    ? await replay(circumstancesOf(seed), decisions, true)
    : await runSeed(seed, true);
  print(story.join('\n'));
  print(violation ? `\n${violation.message}` : `\nAll well, after ${schedule.events} events.`);
  print(`decisions: ${formatDecisions(schedule.decisions)}`);
  return !violation;
}

async function exhaust(args: Arguments): Promise<boolean> {
  const { faults, concurrency, compare, decisions } = args;
  const circumstances = plainCircumstances(concurrency);
  if (decisions) {
    const { story } = await replay(circumstances, decisions, true);
    print(story.join('\n'));
    return true;
  }
  const onProgress = (count: number) => print(`${count} schedules, all well so far`);
  const { schedules, states, failing } = await enumerate({ faults }, concurrency, onProgress);
  if (failing) {
    print(`Schedule ${schedules}: ${failing.violation?.message}`);
    await tellFailure(failing, circumstances, `--exhaustive --concurrency ${concurrency}`);
    return false;
  }
  const found = `${states.size} states in ${schedules} schedules`;
  print(
    `Every placing of up to ${faults} faults in every order (${concurrency}): ${found}, all well`,
  );
  if (!compare) return true;
  const whole = await enumerate({ faults, everyOrder: true }, concurrency, onProgress);
  const isSame = isDeepStrictEqual(whole.states, states);
  const verdict = isSame ? 'the same' : `not the same, but ${whole.states.size}`;
  print(`With all that are equal tried as well, ${whole.schedules} schedules: ${verdict}`);
  return isSame;
}

async function main(): Promise<boolean> {
  const args = readArguments(process.argv.slice(2));
  if (args.defects) return hunt(args.only ?? '', print);
  if (args.exhaustive) return exhaust(args);
  if (args.trace || args.decisions) return trace(args);
  return sample(args);
}

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  print(error instanceof TypeError ? `${error.message}\n\n${usage}` : String(error));
  process.exitCode = 2;
}
