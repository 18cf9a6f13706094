// Owns the names of what a layout may place beside the panes, and which of them are drawn.

/** Every sidebar that a layout may name. */
export const SIDEBAR_NAMES = ['queue', 'gauges', 'charts', 'activity', 'pool'] as const;
export type SidebarName = (typeof SIDEBAR_NAMES)[number];

/** Those that view/sidebar-content.ts can draw; a layout's leaf of another name is left out. */
export const DRAWN_SIDEBARS = [
  'queue',
  'gauges',
  'charts',
  'activity',
  'pool',
] as const satisfies readonly SidebarName[];
export type DrawnSidebar = (typeof DRAWN_SIDEBARS)[number];
