// Owns of which panes a client knows that they have printed: it is told once, and anew when it has been there in between.

export class PaneNews {
  readonly #known = new Set<number>();
  #focused: number | null = null;

  /** The client has its keyboard in this pane now: of that one, and of the one it comes from, it knows all. */
  turn(focused: number | null): void {
    if (focused === this.#focused) return;
    if (this.#focused !== null) this.#known.delete(this.#focused);
    this.#focused = focused;
    if (focused !== null) this.#known.delete(focused);
  }

  /** True when the client is to be told that this pane has printed; the next time, it knows. */
  isNews(pane: number): boolean {
    if (pane === this.#focused || this.#known.has(pane)) return false;
    this.#known.add(pane);
    return true;
  }
}
