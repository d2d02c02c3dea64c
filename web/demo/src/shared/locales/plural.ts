/** A text in the forms that a language has for numbers (CLDR's categories); `other` serves for a form that isn't there. */
export type Plural = { other: string } & { [form in Intl.LDMLPluralRule]?: string };

/** Lets a language have other forms than English. */
export const plural = (forms: Plural): Plural => forms;
