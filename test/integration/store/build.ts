// Owns compiling the store and its child programs into a temporary folder, so that a child never runs a stale build.
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../../..');

/** Compiles `entry` (relative to the repository) and all it imports; returns the folder they are in. */
export function buildProgram(entry: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-store-build-'));
  const done = new Set<string>();
  const build = (file: string): void => {
    if (done.has(file)) return;
    done.add(file);
    const source = readFileSync(join(root, file), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: compilerOptions(),
      fileName: join(root, file),
    });
    const target = join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
    for (const { fileName } of ts.preProcessFile(source).importedFiles) {
      if (fileName.startsWith('.')) build(join(dirname(file), fileName));
    }
  };
  build(entry);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  return folder;
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return { ...options, module: ts.ModuleKind.ESNext, sourceMap: false };
}
