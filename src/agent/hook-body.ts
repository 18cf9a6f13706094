// Owns reading the body of a hook's request, up to a limit.
import type { IncomingMessage } from 'node:http';

/** Bytes. A PostToolBatch carries the results of all its tools; a file of 2 MB as JSON stays under it. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** The body as text; null when it is over the limit. Rejects when the caller goes away. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > BODY_LIMIT) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The value of a JSON text; null for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
