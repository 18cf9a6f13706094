#!/usr/bin/env node
// Owns the loading of the bundled program: each of its files with the code that V8 made of it at the build. It becomes dist/main.cjs;
// why it is so stands in src/decisions/the-program-is-bundled.md.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const folder = `${__dirname}/bundle`;
const loaded = new Map();

/** What V8 made of a file; undefined where the build has left none. V8 itself refuses what another version of it made. */
function readCode(path) {
  try {
    return readFileSync(`${path}.code`);
  } catch {
    return undefined;
  }
}

/** The bundle is ASCII. */
function load(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const path = `${folder}/${name}`;
  const source = `(function (exports, require, module, __filename) {${readFileSync(path, 'latin1')}\n})`;
  // Not the path: V8 keeps the name with the code, and the build is made in another folder.
  const script = new Script(source, { filename: `bundle/${name}`, cachedData: readCode(path) });
  const module = { exports: {} };
  loaded.set(name, module);
  try {
    script.runInThisContext()(module.exports, requireAny, module, path);
  } catch (error) {
    loaded.delete(name);
    throw error;
  }
  return module.exports;
}

function requireAny(name) {
  return name.startsWith('./') ? load(name.slice(2)) : require(name);
}

load('ENTRY');
