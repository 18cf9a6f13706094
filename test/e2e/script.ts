// Owns the descriptions that tell the rehearsal agent what to do in a test.
import { stringify } from 'yaml';

/** A description with the steps as a script. */
export function script(...steps: readonly object[]): string {
  return `Follow the script.\n\n\`\`\`rehearsal\n${stringify(steps)}\`\`\`\n`;
}

/** Steps of a whole task: write a file, commit, complete. */
export function writes(file: string, content: string): object[] {
  return [
    { edit: { file, content } },
    { commit: `Write ${file}` },
    { complete: { verdict: 'pass', summary: `wrote ${file}` } },
  ];
}
