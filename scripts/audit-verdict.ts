/** What is known of the weaknesses of what the package brings along. */
export interface AuditVerdict {
  /** `skipped`: nobody knows; the registry does not say. */
  readonly outcome: 'clean' | 'weak' | 'skipped';
  /** One line. */
  readonly text: string;
}

/** The parts of `npm audit --json` that matter: a report, or an error. */
interface AuditAnswer {
  readonly message?: string;
  readonly error?: { readonly summary?: string };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
  readonly metadata?: { readonly dependencies?: { readonly prod?: number } };
}

/** Reads what `npm audit --json` has printed. Whatever is no report is not taken for a clean one. */
export function auditVerdict(printed: string): AuditVerdict {
  const { vulnerabilities, metadata, message, error } = parsed(printed);
  if (vulnerabilities === undefined) {
    const reason = message ?? (error?.summary || 'npm audit printed no report');
    return {
      outcome: 'skipped',
      text: `Skipped: the registry does not answer audits (${reason}).`,
    };
  }
  const found = Object.entries(vulnerabilities);
  const names = found.map(([name, { severity }]) => `${name} (${severity})`).join(', ');
  return found.length > 0
    ? { outcome: 'weak', text: `Known weaknesses in: ${names}. Details: npm audit --omit=dev` }
    : {
        outcome: 'clean',
        text: `No weakness is known in ${metadata?.dependencies?.prod ?? 'its'} packages.`,
      };
}

function parsed(printed: string): AuditAnswer {
  try {
    const answer: unknown = JSON.parse(printed);
    return typeof answer === 'object' && answer ? answer : {};
  } catch {
    return {};
  }
}
