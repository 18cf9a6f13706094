// Owns the routes over which every default binding is walked: in one session key after key, so that the screen after one is the screen before the next.
import type { Size } from './terminal.ts';

export interface Route {
  readonly size: Size;
  /** One line for the keys of a table; `keys` are typed as they are, where a line of text or a yes is asked for. */
  readonly steps: string;
  /** Copy mode has these keys. */
  readonly copyMode?: 'emacs';
  /** Begun in a shell with job control; its first screen is the workspace all the same. */
  readonly isInShell?: true;
}

const SMALL: Size = { cols: 80, rows: 24 };
/** The pane with a plain program and a history; panes 1 to 3 ask something. */
const PLAIN = `
  prefix 2 Down z [`;

/** Those that change the session for the others are last. */
export const ROUTES: Readonly<Record<string, Route>> = {
  panes: {
    size: SMALL,
    steps: `
      prefix Right Left Down Up l h j k o ; n 1 2 3 4 5 6 7 8 9 1
      prefix z z } {
      prefix C-Right C-Left C-Down C-Up M-Right M-Left M-Down M-Up L H J K L E
      prefix Space M-1 M-2 M-3 M-4 M-5 M-6 M-1
      prefix b b Q Q G G C C A A P P
      prefix m m
      prefix ! @ ! ) (
      prefix '
      keys C-c
      prefix &
      prefix ,
      keys C-c
      prefix W
      keys C-c
      prefix i
      keys C-c
      prefix c
      keys C-c
      prefix :
      keys C-c
      prefix /
      keys C-c
      prefix ?
      view Escape
      prefix ~
      view Escape
      prefix 1 2 Down e
      keys Enter
      prefix PPage
      copy-mode-vi q
      prefix [
      copy-mode-vi V y
      prefix ]
      prefix r T
      prefix d`,
  },
  queue: {
    size: { cols: 100, rows: 30 },
    steps: `
      prefix q
      queue Down Up j k C-n C-p NPage PPage C-f C-b End Home G g G
      queue s + = -
      queue e
      keys C-c
      queue i
      keys C-c
      queue p u x
      keys y
      queue r w
      view Escape
      queue d g d
      view Escape
      queue /
      keys % Escape
      queue f
      prefix q
      queue Escape
      prefix q
      queue q
      prefix q
      queue C-c
      prefix q
      queue C-g`,
  },
  views: {
    size: { cols: 80, rows: 10 },
    steps: `
      prefix q
      queue G Enter
      view Down Up j k C-n C-p NPage PPage Space b C-f C-b End Home G g Escape
      queue Enter
      view q
      queue Enter
      view Enter
      queue Enter
      view C-c
      queue Tab
      activity Up Down k j C-p C-n PPage NPage C-b C-f Home End g G Tab
      queue BTab
      activity BTab
      queue Tab
      activity Escape
      prefix q
      queue Tab
      activity q
      prefix q
      queue Tab
      activity C-c
      prefix q
      queue Tab
      activity C-g`,
  },
  panel: {
    size: SMALL,
    steps: `
      prefix a
      panel Down Up j k C-n C-p NPage PPage Space b C-f C-b End Home G g f a i
      keys Escape
      panel Tab
      keys BTab
      panel BTab Enter Escape a 3
      keys Escape
      panel 4
      keys Escape
      panel 5 6 7 8 9 Escape
      prefix a
      panel q
      prefix a
      panel C-c
      prefix q
      queue G a
      panel p u s x
      keys y
      panel r o`,
  },
  'copy mode, vi': {
    size: SMALL,
    steps: `${PLAIN}
      copy-mode-vi g l h Right Left l BSpace l C-h $ 0 End Home w e b W E B
      copy-mode-vi j ^ k Down Up
      copy-mode-vi C-e C-y C-Down C-Up J K C-d C-u C-f C-b NPage PPage L M H G g } { ] [
      copy-mode-vi v w o Escape Space w Escape V C-v Escape
      copy-mode-vi /
      keys t h r Enter
      copy-mode-vi n N ?
      keys p l a Enter
      copy-mode-vi :
      keys 7 Enter
      copy-mode-vi g j f
      keys e
      copy-mode-vi ; , F
      keys u
      copy-mode-vi * #
      copy-mode-vi t r g v w y
      prefix [
      copy-mode-vi g v e Enter
      prefix [
      copy-mode-vi g v $ C-j
      prefix [
      copy-mode-vi g w D
      prefix [
      copy-mode-vi g Y
      prefix [
      copy-mode-vi q
      prefix [
      copy-mode-vi C-c`,
  },
  'copy mode, emacs': {
    size: SMALL,
    copyMode: 'emacs',
    steps: `${PLAIN}
      copy-mode M-< C-f C-b Right Left End Home C-e C-a C-n C-p Down Up
      copy-mode Down M-m Up M-f M-b C-Down C-Up NPage PPage C-v M-v Space M-Down M-Up
      copy-mode M-r M-R M-> M-< M-} M-{ ] [
      copy-mode C-Space M-f C-g C-Space M-f C-n R Escape
      copy-mode C-s
      keys t h r Enter
      copy-mode n N C-r
      keys p l a Enter
      copy-mode g
      keys 7 Enter
      copy-mode M-< f
      keys e
      copy-mode ; , F
      keys e
      copy-mode t r M-< C-Space M-f M-w
      prefix [
      copy-mode M-< C-Space C-e C-w
      prefix [
      copy-mode M-< M-f C-k
      prefix [
      copy-mode q
      prefix [
      copy-mode C-c`,
  },
  suspend: { size: SMALL, isInShell: true, steps: 'prefix C-z\nkeys f g Enter' },
  shell: { size: SMALL, steps: 'prefix s C-g' },
  pause: { size: SMALL, steps: 'prefix p' },
};

export interface Step {
  readonly table: string;
  readonly key: string;
}

/** The steps of a route, one for each key. */
export function stepsOf({ steps }: Route): Step[] {
  return steps
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [table = '', ...keys] = line.trim().split(' ');
      return keys.map((key) => ({ table, key }));
    });
}
