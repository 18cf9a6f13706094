// Owns a layout's file: a tree of splits whose leaves are panes and sidebars. A mistake names file and key.
import {
  type Field,
  parseJsonFile,
  readFlag,
  readList,
  readNumber,
  readObject,
  readWord,
} from '../theme/json-fields.ts';
import { SIDEBAR_NAMES, type SidebarName } from './leaf.ts';

/** How much of its split a part takes: cells, or its share of the whole where that is more; or a share of what those leave. */
type PartSize =
  | { readonly kind: 'cells'; readonly cells: number; readonly ratio: number }
  | { readonly kind: 'ratio'; readonly ratio: number };

export interface SplitNode {
  readonly kind: 'split';
  /** `row`: side by side; `column`: one above the other. */
  readonly direction: 'row' | 'column';
  readonly parts: readonly LayoutNode[];
  readonly size: PartSize;
}

export interface PanesNode {
  readonly kind: 'panes';
  /** `tiled` in a grid, `stacked` one above the other; `one` is the first pane, `focused` the focused one alone. */
  readonly arrangement: 'tiled' | 'stacked' | 'one' | 'focused';
  /** On a terminal too small for all leaves, the one with the lowest number goes first. */
  readonly drop: number;
  readonly size: PartSize;
}

export interface SidebarNode {
  readonly kind: 'sidebar';
  readonly name: SidebarName;
  /** With its title row. */
  readonly minimumColumns: number;
  readonly minimumRows: number;
  /** On a terminal with less than this it is shown only when asked for. */
  readonly hideBelowColumns: number;
  readonly hideBelowRows: number;
  /** Shown only when it is asked for by its name. */
  readonly isOnDemand: boolean;
  readonly drop: number;
  readonly size: PartSize;
}

export type LayoutNode = SplitNode | PanesNode | SidebarNode;

export interface Layout {
  readonly name: string;
  /** What a pane's inside should have, and what it must have to be shown beside others. */
  readonly panes: {
    readonly wantedColumns: number;
    readonly wantedRows: number;
    readonly minimumColumns: number;
    readonly minimumRows: number;
  };
  readonly tree: LayoutNode;
}

/** A tree deeper or wider than this is a mistake, not a layout. */
const DEEPEST = 6;
const MOST_PARTS = 12;
/** Panes stay when sidebars go. */
const PANES_DROP = 100;

/** Validates a layout's text; what it throws names the key. */
export function parseLayout(name: string, text: string): Layout {
  const top = readObject(parseJsonFile(text), ['panes', 'tree']);
  const panes = readObject(top('panes'), ['wantedColumns', 'wantedRows', 'minimumColumns', 'minimumRows']);
  const cells = { from: 1, to: 1000 };
  const tree = readNode(top('tree'), 0);
  checkLeaves(tree);
  return {
    name,
    panes: {
      wantedColumns: readNumber(panes('wantedColumns'), cells),
      wantedRows: readNumber(panes('wantedRows'), cells),
      minimumColumns: readNumber(panes('minimumColumns'), cells),
      minimumRows: readNumber(panes('minimumRows'), cells),
    },
    tree,
  };
}

const NODE_KEYS = [
  'split',
  'parts',
  'panes',
  'sidebar',
  'ratio',
  'cells',
  'drop',
  'minimumColumns',
  'minimumRows',
  'hideBelowColumns',
  'hideBelowRows',
  'onDemand',
] as const;
type NodeKey = (typeof NODE_KEYS)[number];

/** Which keys go with which kind of node; `ratio` and `cells` go with all. */
const KEYS_OF: Readonly<Record<LayoutNode['kind'], readonly NodeKey[]>> = {
  split: ['split', 'parts'],
  panes: ['panes', 'drop'],
  sidebar: ['sidebar', 'drop', 'minimumColumns', 'minimumRows', 'hideBelowColumns', 'hideBelowRows', 'onDemand'],
};

function readNode(field: Field, depth: number): LayoutNode {
  const read = readObject(field, NODE_KEYS);
  const kinds = (['split', 'panes', 'sidebar'] as const).filter((kind) => read(kind).value !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new Error(`${field.key} must have exactly one of the keys split, panes and sidebar`);
  for (const key of NODE_KEYS) {
    if (read(key).value === undefined || key === 'ratio' || key === 'cells' || KEYS_OF[kind].includes(key)) continue;
    throw new Error(`${read(key).key} means nothing beside "${kind}"`);
  }
  const size = readSize(read);
  if (kind === 'split') return readSplit(field, size, depth);
  const drop = (fallback: number): number => orElse(read('drop'), fallback, { from: 1, to: 1000 });
  if (kind === 'panes') {
    const arrangement = readWord(read('panes'), ['tiled', 'stacked', 'one', 'focused'] as const);
    return { kind, arrangement, drop: drop(PANES_DROP), size };
  }
  const bounds = { from: 0, to: 1000 };
  return {
    kind,
    name: readWord(read('sidebar'), SIDEBAR_NAMES),
    minimumColumns: orElse(read('minimumColumns'), 12, { from: 4, to: 1000 }),
    minimumRows: orElse(read('minimumRows'), 4, { from: 2, to: 1000 }),
    hideBelowColumns: orElse(read('hideBelowColumns'), 0, bounds),
    hideBelowRows: orElse(read('hideBelowRows'), 0, bounds),
    isOnDemand: readFlag(read('onDemand')),
    drop: drop(1),
    size,
  };
}

function readSplit(field: Field, size: PartSize, depth: number): SplitNode {
  const read = readObject(field, NODE_KEYS);
  if (depth >= DEEPEST) throw new Error(`${field.key} is more than ${DEEPEST} splits deep`);
  const parts = readList(read('parts'), { from: 1, to: MOST_PARTS }).map((part) => readNode(part, depth + 1));
  return { kind: 'split', direction: readWord(read('split'), ['row', 'column'] as const), parts, size };
}

function readSize(read: (key: 'ratio' | 'cells') => Field): PartSize {
  const hasCells = read('cells').value !== undefined;
  const ratio = orElse(read('ratio'), hasCells ? 0 : 1, { from: 1, to: 1000 });
  if (!hasCells) return { kind: 'ratio', ratio };
  return { kind: 'cells', cells: readNumber(read('cells'), { from: 1, to: 1000 }), ratio };
}

function orElse(field: Field, fallback: number, range: { from: number; to: number }): number {
  return field.value === undefined ? fallback : readNumber(field, range);
}

/** All leaves of a tree, from the left and from the top. */
export function leavesOf(node: LayoutNode): (PanesNode | SidebarNode)[] {
  return node.kind === 'split' ? node.parts.flatMap(leavesOf) : [node];
}

function checkLeaves(tree: LayoutNode): void {
  const leaves = leavesOf(tree);
  const panes = leaves.filter((leaf) => leaf.kind === 'panes');
  if (panes.length === 0) throw new Error('tree must have a leaf with "panes"');
  const rest = panes.filter(({ arrangement }) => arrangement === 'tiled' || arrangement === 'stacked');
  if (rest.length > 1) throw new Error('tree has more than one leaf with tiled or stacked panes');
  const names = leaves.flatMap((leaf) => (leaf.kind === 'sidebar' ? [leaf.name] : []));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`tree has the sidebar "${twice}" more than once`);
}
