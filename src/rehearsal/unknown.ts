// Owns careful looks into values of which nothing is known yet: parsed JSON from files, hooks and tools.

/** A copy of an object's own fields; empty for anything else. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A field, or undefined. */
export function fieldOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return record[name];
}

/** A field that is text, or empty. */
export function textOf(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name];
  return typeof value === 'string' ? value : '';
}

/** A JSON text as an object; empty when it is none. */
export function parseRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}
