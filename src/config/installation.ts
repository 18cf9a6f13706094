// Owns where this installation of Drover lies. Each path is the same from src/config, dist/config and dist/bundle.
import { fileURLToPath } from 'node:url';

/** The folder of package.json, layouts/ and themes/. */
export const INSTALLATION = fileURLToPath(new URL('../../', import.meta.url));

/** Behind the folder of a server's role: it begins when a line comes on its standard input, and ends when none does. */
export const HELD = 'held';

/** The built program, which every role is started from. */
export const MAIN = fileURLToPath(new URL('../main.cjs', import.meta.url));
