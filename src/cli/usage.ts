// Owns the usage error: words that make no command. Exit code 2.

export class UsageError extends Error {
  /** The command to type next. */
  readonly next: string;
  constructor(message: string, next: string) {
    super(message);
    this.name = 'UsageError';
    this.next = next;
  }
}
