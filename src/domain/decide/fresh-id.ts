// Owns the draw of an id that nothing has yet.
import type { Context } from '../intent.ts';

/** With 28 million ids, a hundred clashes in a row mean a broken source of chance. */
const MOST_DRAWS = 100;

/** An id that `toId` makes of fresh characters and that `isTaken` does not know. Throws an Error when the source of ids keeps repeating itself. */
export function freshId(context: Context, toId: (short: string) => string, isTaken: (id: string) => boolean): string {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const id = toId(context.newId());
    if (!isTaken(id)) return id;
  }
  throw new Error(`no free id after ${MOST_DRAWS} draws: the source of ids repeats itself`);
}
