// Checks who imports whom, and that the check has read the whole source.
import { readdirSync } from 'node:fs';
import { cruise } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { expect, test } from 'vitest';
import rules from './rules.mjs';

test('every import goes the way that the rooms allow', async () => {
  const tsConfig = extractTsConfig('./tsconfig.json');
  const { output } = await cruise(
    ['src'],
    { ...rules.options, validate: true, ruleSet: { forbidden: rules.forbidden } },
    undefined,
    { tsConfig },
  );
  if (typeof output === 'string') throw new Error(output);
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const cruised = output.modules.filter((module) => module.source.startsWith('src/') && module.source.endsWith('.ts'));
  // With a compiler that dependency-cruiser does not know it reads nothing and reports that all is well.
  expect(cruised.length).toBe(sources.length);
  expect(output.summary.totalDependenciesCruised).toBeGreaterThan(sources.length);
  const breaches = output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
  expect(breaches).toEqual([]);
});
