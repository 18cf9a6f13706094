// Owns what is shown of a conversation besides its steps: its header, its history, and the words of others.
import { ACCENT, type Block, blank, bold, dim, line, SPOKEN } from './block.ts';
import type { Remembered } from './conversation.ts';
import type { Face } from './face.ts';
import type { Flags } from './flags.ts';
import { withoutScript } from './script.ts';

/** Lines of a prompt that are shown; the whole of it is in the conversation. */
const SHOWN_PROMPT = 10;
/** Entries of the history that a resumed conversation shows. */
const SHOWN_HISTORY = 40;

/** Words that were typed or sent, as they stand on the screen. */
export function spoken(text: string): Block[] {
  const lines = withoutScript(text).split('\n');
  const rest = lines.length - SHOWN_PROMPT;
  const shown = lines.slice(0, SHOWN_PROMPT).join('\n');
  const more = rest > 0 ? [dim(`  … +${rest} lines`)] : [];
  return [{ ...line(shown, SPOKEN), prefix: '❯ ', prefixStyle: SPOKEN, isFilled: true }, ...more, blank];
}

/** What stands at the top: who this is, and of a resumed conversation its history. */
export function showHeader(face: Face, flags: Flags, { history }: Remembered): void {
  face.print(
    { ...bold('Drover rehearsal agent'), prefix: ' ▟▙ ', prefixStyle: ACCENT },
    { ...dim('It plays a script; it is not an AI.'), prefix: ' ▜▛ ', prefixStyle: ACCENT },
    { ...dim(flags.name), prefix: '    ', isCode: true },
    blank,
  );
  if (!flags.isResume) return;
  for (const { role, text } of history.slice(-SHOWN_HISTORY)) {
    if (role === 'user') face.print(...spoken(text));
    else face.print({ ...line(text), prefix: '● ', prefixStyle: ACCENT, isCode: role === 'tool' });
  }
  face.print(dim(`── resumed · ${history.length} entries of history ──`), blank);
}
