// Owns the names of what a layout may place beside the panes.

/** Every sidebar that a layout may name; view/sidebar-content.ts draws them. */
export const SIDEBAR_NAMES = ['queue', 'gauges', 'charts', 'activity', 'pool'] as const;
export type SidebarName = (typeof SIDEBAR_NAMES)[number];
