import { describe, expect, it } from 'vitest';
import { auditVerdict } from '../../scripts/audit-verdict.js';

const report = (vulnerabilities: object) =>
  JSON.stringify({ vulnerabilities, metadata: { dependencies: { prod: 46 } } });

describe('an audit', () => {
  it('is clean when the registry says so', () => {
    expect(auditVerdict(report({}))).toEqual({
      outcome: 'clean',
      text: 'No weakness is known in 46 packages.',
    });
  });

  it('names what is weak, however slightly', () => {
    const { outcome, text } = auditVerdict(
      report({ 'one-thing': { severity: 'low' }, another: { severity: 'critical' } }),
    );
    expect(outcome).toBe('weak');
    expect(text).toContain('one-thing (low), another (critical)');
  });

  it.each([
    ['says that it has none', '{"message":"405 Method Not Allowed","error":{"summary":""}}', /405/],
    ['cannot be reached', '{"error":{"summary":"ENOTFOUND"}}', /ENOTFOUND/],
    ['says something else', '[]', /no report/],
    ['says nothing', '', /no report/],
    ['is a page of a proxy', '<html>', /no report/],
  ])('is skipped, not clean, when the registry %s', (_, printed, reason) => {
    const { outcome, text } = auditVerdict(printed);
    expect(outcome).toBe('skipped');
    expect(text).toMatch(/^Skipped: the registry does not answer audits/);
    expect(text).toMatch(reason);
  });
});
