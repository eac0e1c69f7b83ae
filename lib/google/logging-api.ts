/** Which entries of Cloud Logging are looked for. */
export interface LogQuery {
  readonly projectId: string;
  /** In its query language: https://cloud.google.com/logging/docs/view/logging-query-language */
  readonly filter: string;
}

/** An entry, as far as it matters here. */
export interface LogEntry {
  /** The HTTP status it tells; undefined where it tells none. */
  readonly status: number | undefined;
}

/** What this package asks of Cloud Logging. */
export interface LoggingApi {
  /** The newest entry that fits, in one call and one page. */
  newest(query: LogQuery): Promise<LogEntry | undefined>;
  close(): Promise<void>;
}
