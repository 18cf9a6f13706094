// Owns `npm run bench [-- name…]`: runs the benchmarks and says which bars were missed. Exit 1 when one was.
const BENCHES = {
  oneline: () => import('./oneline.mjs'),
  idle: () => import('./idle.mjs'),
  landing: () => import('./landing.mjs'),
  store: () => import('./store.mjs'),
  workspace: () => import('./workspace.mjs'),
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const missed = [];
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  console.log(`\n${name}`);
  const { run } = await BENCHES[name]();
  if ((await run()) === false) missed.push(name);
}
if (missed.length > 0) {
  console.error(`\nbars missed: ${missed.join(', ')}`);
  process.exit(1);
}
