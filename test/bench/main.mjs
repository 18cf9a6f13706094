// Owns `npm run bench [-- name [part…]…]`: runs the benchmarks, or parts of them, and says which bars were missed. Exit 1 when one was.
const BENCHES = {
  oneline: () => import('./oneline.mjs'),
  idle: () => import('./idle.mjs'),
  landing: () => import('./landing.mjs'),
  pool: () => import('./pool.mjs'),
  store: () => import('./store.mjs'),
  workspace: () => import('./workspace.mjs'),
};

const words = process.argv.slice(2);
/** Each benchmark with its parts: a word that is no name belongs to the name before it. */
const wanted = [];
for (const word of words) {
  if (Object.hasOwn(BENCHES, word)) wanted.push([word]);
  else if (wanted.length > 0) wanted.at(-1).push(word);
  else refuse(`no benchmark ${word}; there are: ${Object.keys(BENCHES).join(', ')}`);
}

function refuse(why) {
  console.error(why);
  process.exit(2);
}

const missed = [];
for (const [name, ...chosen] of wanted.length > 0 ? wanted : Object.keys(BENCHES).map((each) => [each])) {
  console.log(`\n${name}`);
  const { run, parts = [] } = await BENCHES[name]();
  const unknown = chosen.filter((part) => !parts.includes(part));
  if (unknown.length > 0) refuse(`no part ${unknown.join(', ')} of ${name}; there are: ${parts.join(', ') || 'none'}`);
  if ((await run(chosen)) === false) missed.push(name);
}
if (missed.length > 0) {
  console.error(`\nbars missed: ${missed.join(', ')}`);
  process.exit(1);
}
