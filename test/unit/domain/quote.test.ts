// Owns the proof that a word is one argument of the shell.
import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../../src/domain/quote.ts';

describe('a word for the shell', () => {
  it('is one argument, whatever stands in it', () => {
    expect(shellQuote("it's $HOME")).toBe("'it'\\''s $HOME'");
  });
});
