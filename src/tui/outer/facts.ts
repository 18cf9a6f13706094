// Owns the lines that say what was found of the terminal around us, for the foot of the help. Pure.

import { printable } from '../../domain/text.ts';
import type { Notifier } from '../attention/notification.ts';
import type { Capabilities } from './capabilities.ts';
import type { TmuxFacts } from './tmux-facts.ts';

const COLOURS: Readonly<Record<Capabilities['color'], string>> = {
  rgb: 'true colour',
  '256': '256 colours',
  '16': '16 colours',
  none: 'no colours',
};

const NOTIFICATIONS: Readonly<Record<Notifier['kind'], string>> = {
  bell: 'the bell',
  osc9: 'OSC 9',
  osc99: 'OSC 99',
  osc777: 'OSC 777',
  off: 'off',
};

/** A few short lines; `tmux` is null outside of tmux or when it did not answer. */
export function outerFacts(parts: {
  capabilities: Capabilities;
  name: string;
  tmux: TmuxFacts | null;
  notifier: Notifier;
}): string[] {
  const { capabilities, name, tmux, notifier } = parts;
  const where = capabilities.isTmux ? 'tmux in ' : capabilities.isScreen ? 'GNU screen in ' : '';
  const lines = [
    `${where}${printable(name) || 'an unknown terminal'}: ${COLOURS[capabilities.color]}, ` +
      `${capabilities.sync ? 'synchronized output' : 'no synchronized output'}`,
    `mouse: ${capabilities.isScreen ? 'off, because GNU screen would hold Escape back' : 'on'} · ` +
      `notifications: ${NOTIFICATIONS[notifier.kind]}${notifier.isWrapped ? ' through tmux' : ''}`,
  ];
  if (capabilities.isTmux) lines.push(...tmuxLines(tmux));
  return lines;
}

function tmuxLines(tmux: TmuxFacts | null): string[] {
  if (tmux === null) return ['tmux did not answer: whether clipboard and notifications pass is not known'];
  const passes = tmux.isPassedThrough ? 'on' : 'off: notifications ring the bell (tmux set -g allow-passthrough on)';
  const clipboard =
    tmux.clipboard === 'off' ? 'off: copies stay in tmux (tmux set -s set-clipboard on)' : tmux.clipboard || 'unknown';
  return [`tmux passthrough: ${passes}`, `tmux clipboard: ${clipboard}`];
}
