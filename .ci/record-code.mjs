// Owns what `node --import` adds to a process of the built program: at its end the code that V8 made of each file of the bundle is kept.
import { renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';

const scripts = new Map();

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    if (options.filename?.startsWith('bundle/')) scripts.set(options.filename, this);
  }
};

function keep(file, code) {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= code.length) return;
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, code);
  renameSync(mine, file);
}

process.on('exit', () => {
  // V8 takes code only under the flags that it was made under: these are the values before src/config/engine.ts has set others.
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--opt');
  for (const [name, script] of scripts) keep(join(dirname(process.argv[1]), `${name}.code`), script.createCachedData());
});
