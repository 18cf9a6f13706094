import type { ICruiseOptions, IFlattenedRuleSet } from 'dependency-cruiser';

declare const rules: { forbidden: NonNullable<IFlattenedRuleSet['forbidden']>; options: ICruiseOptions };
export default rules;
