import type { Reporter, TestModule } from 'vitest/node';

/** Says at the end which tests did not run, and why. */
export default class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].flatMap((test) => {
        const { left } = test.meta();
        return left ? [`  ${test.fullName}: ${left} (${module.project.name})`] : [];
      }),
    );
    if (lines.length > 0) console.log(['', ` Left out, ${lines.length}:`, ...lines].join('\n'));
  }
}
