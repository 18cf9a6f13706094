// Owns the types of asciichart, which ships none: the part that is used here.
declare module 'asciichart' {
  /** One text of several rows: labels, axis, line. With `height` h and a range above 0 there are about h + 1 rows. */
  export function plot(
    series: readonly number[],
    config: {
      readonly height: number;
      readonly min: number;
      readonly offset: number;
      readonly format: (value: number) => string;
    },
  ): string;
}
